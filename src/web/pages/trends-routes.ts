import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { readTrends, type TrendsRequest, type TrendsWords } from '../../queries/trends-request.ts'
import { isKnown } from '../api/etag.ts'
import { trendsTag } from '../api/trends.ts'
import { sharedBriefly } from '../cache-control.ts'
import { languageHeaders, localeOf } from '../locale.ts'
import { whileConnected } from '../while-connected.ts'
import { addressOf, frameOf } from './frame.ts'
import type { PagesScope } from './plugin.ts'
import { pollPage } from './poll-page.ts'
import { trendsPageView } from './trends-page-view.ts'
import { sendPage } from './views.ts'

type TrendsPageRequest = FastifyRequest<{
  Params: { poll?: string }
  Querystring: Record<string, string | string[]>
}>

/** How the collective budget moved. */
export function trendsRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const show = async (request: TrendsPageRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { context } = scope
    const poll = request.params.poll ?? context.defaultPoll
    const entered = enteredIn(request.query)
    const locale = localeOf(request)
    try {
      const answer = await context.trends.trends(poll, readQuestion(request.query), whileConnected(reply))
      const etag = `"${trendsTag(answer)}.${scope.version}.${locale.language}"`
      reply.headers({ 'cache-control': sharedBriefly, etag: `W/${etag}`, 'server-timing': 'projection' })
      reply.headers(languageHeaders(locale))
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      // The page says nothing about whether the poll is open.
      const page = pollPage(scope, locale, { definition: answer.definition, status: 'open' })
      return await sendTrends(scope, reply, { page, entered, trends: answer })
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'INVALID_REQUEST') throw error
      const page = pollPage(scope, locale, await scope.polls.get(poll))
      return await sendTrends(scope, reply.code(422), { page, entered, errors: error.errors })
    }
  }
  fastify.get('/trends', show)
  fastify.get('/polls/:poll/trends', show)
}

function sendTrends(
  { context }: PagesScope,
  reply: FastifyReply,
  input: Parameters<typeof trendsPageView>[0],
): Promise<FastifyReply> {
  const { definition, locale, links, lang } = input.page
  const { trends: words } = locale.words
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, current: 'trends', resultsOf: definition.poll },
    title: words.title(definition.title),
    description: words.description(definition.title),
    address: addressOf(reply.request),
    listedAt: context.publicUrl,
  })
  return sendPage(reply, 'trends', frame, trendsPageView(input))
}

const names = ['view', 'bucket', 'from', 'to', 'tz'] as const

/** @throws {Problem} INVALID_REQUEST with every mistake; who asks for a moment would take these trends for those of then */
function readQuestion(query: TrendsPageRequest['query']): TrendsRequest {
  const isMoment = ['asOf', 'position'].some((name) => [query[name]].flat().some((value) => value?.trim()))
  const message = 'Trends are of a range, not of a moment.'
  const errors = isMoment ? [{ field: 'from', code: 'no-moment', message }] : []
  return readTrends(enteredIn(query), errors)
}

/** A form sends its empty fields, too. People want to see how the budget moved: that is the cumulative view. */
function enteredIn(query: TrendsPageRequest['query']): TrendsWords {
  const given = names.flatMap((name) => {
    const value = [query[name]].flat()[0]?.trim()
    return value ? [[name, value] as const] : []
  })
  return { view: 'cumulative', ...Object.fromEntries(given) }
}
