import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../../queries/results.ts'
import { etagOf, isKnown } from '../api/etag.ts'
import { sharedBriefly } from '../cache-control.ts'
import { type Locale, languageHeaders, localeOf } from '../locale.ts'
import type { Moment } from '../moment.ts'
import { permanentQuery } from '../permanent-link.ts'
import { whileConnected } from '../while-connected.ts'
import { addressOf, frameOf } from './frame.ts'
import { livePart } from './live-part.ts'
import { momentOf, momentView } from './moment-form.ts'
import type { PagesScope } from './plugin.ts'
import { pollPage } from './poll-page.ts'
import { resultsPageView } from './results-page-view.ts'
import { render, sendHtml } from './views.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** The collective budget. */
export function resultsRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const page = pageCache(scope)
  const show = async (request: PollRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { context } = scope
    const poll = request.params.poll ?? context.defaultPoll
    const moment = momentOf(request.query, context.commands.now)
    const locale = localeOf(request)
    const past = moment && { ...moment, signal: whileConnected(reply) }
    const answer = await context.results.results(poll, past)
    // A new version of the pages is a new page, though the position is the same.
    const etag = `${etagOf(answer).slice(0, -1)}.${scope.version}.${locale.language}"`
    reply.headers({
      'cache-control': sharedBriefly,
      etag: `W/${etag}`,
      'server-timing': answer.tier,
      ...languageHeaders(locale),
    })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return sendHtml(
      reply,
      locale,
      await page(answer, locale, moment && { moment, address: addressOf(request) }),
    )
  }
  fastify.get('/results', show)
  fastify.get('/polls/:poll/results', show)
}

/** A moment of the past, and the address by which it was asked for. */
interface Past {
  readonly moment: Moment
  readonly address: string | undefined
}

/**
 * Renders each aggregate once for every tier that gives it and every locale: a snapshot is looked at thousands of times.
 * A moment of the past can be asked for in many ways, and is rendered for each.
 */
function pageCache(scope: PagesScope) {
  const rendered = new WeakMap<Answer['aggregate'], Map<string, Promise<string>>>()
  return (answer: Answer, locale: Locale, past: Past | undefined): Promise<string> => {
    if (past) return draw(scope, answer, locale, past)
    const { aggregate, tier } = answer
    const pages = rendered.get(aggregate) ?? new Map<string, Promise<string>>()
    rendered.set(aggregate, pages)
    const key = `${tier} ${locale.language} ${locale.base}`
    const page = pages.get(key) ?? draw(scope, answer, locale, undefined)
    pages.set(key, page)
    return page
  }
}

function draw(scope: PagesScope, answer: Answer, locale: Locale, past: Past | undefined): Promise<string> {
  const { aggregate } = answer
  const page = pollPage(scope, locale, aggregate)
  const { definition, links, lang } = page
  const { publicUrl } = scope.context
  const { results: words } = locale.words
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, current: 'results' },
    title: words.title(definition.title),
    description: words.description(definition.title),
    // The page of now is the same for everybody, whatever else their addresses say.
    address: past ? past.address : links.results.slice(locale.base.length),
    listedAt: publicUrl,
    scripts: past ? [] : ['live.js'],
  })
  const permanent = links.results + permanentQuery(aggregate, past?.moment.asOf)
  const view = momentView(links.results, past?.moment, { permanent, publicUrl })
  const live = livePart(scope, definition.poll, view)
  return render('results', frame, resultsPageView(answer, page, view, live))
}
