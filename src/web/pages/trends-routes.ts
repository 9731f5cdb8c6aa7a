import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { readTrends, type TrendsWords } from '../../queries/trends-request.ts'
import { isKnown } from '../api/etag.ts'
import { trendsTag } from '../api/trends.ts'
import { sharedBriefly } from '../cache-control.ts'
import { whileConnected } from '../while-connected.ts'
import { pagesVersion } from './assets.ts'
import { pollLinks } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { trendsPageView } from './trends-page-view.ts'
import { render, sendPage } from './views.ts'

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
    try {
      const { trends } = context
      const answer = await trends.trends(poll, readTrends(entered), whileConnected(reply))
      const etag = `"${trendsTag(answer)}.${pagesVersion}"`
      reply.headers({ 'cache-control': sharedBriefly, etag: `W/${etag}`, 'server-timing': 'projection' })
      reply.header('vary', 'accept-encoding')
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return sendPage(reply, await page(scope, { definition: answer.definition, entered, trends: answer }))
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'INVALID_REQUEST') throw error
      const { definition } = await scope.polls.get(poll)
      return sendPage(reply.code(422), await page(scope, { definition, entered, errors: error.errors }))
    }
  }
  fastify.get('/trends', show)
  fastify.get('/polls/:poll/trends', show)
}

type PageInput = Omit<Parameters<typeof trendsPageView>[0], 'action'>

function page({ context }: PagesScope, input: PageInput): Promise<string> {
  const { poll, title } = input.definition
  const links = pollLinks(poll, context.defaultPoll)
  const frame = { title: `Trends: ${title}`, links, current: 'trends' } as const
  return render('trends', frame, trendsPageView({ ...input, action: links.trends }))
}

const names = ['view', 'bucket', 'from', 'to', 'tz'] as const

/** A form sends its empty fields, too. People want to see how the budget moved: that is the cumulative view. */
function enteredIn(query: TrendsPageRequest['query']): TrendsWords {
  const given = names.flatMap((name) => {
    const value = [query[name]].flat()[0]?.trim()
    return value ? [[name, value] as const] : []
  })
  return { view: 'cumulative', ...Object.fromEntries(given) }
}
