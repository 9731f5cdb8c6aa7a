import type { FastifyReply } from 'fastify'
import type { Answer } from '../../../queries/results.ts'
import { etagOf, isKnown, rankSeen } from '../../api/etag.ts'
import { sharedBriefly } from '../../cache-control.ts'
import { type Locale, languageHeaders, localeOf } from '../../locale.ts'
import type { PagesScope } from '../plugin.ts'
import { RenderedPage, sendRendered } from '../rendered-page.ts'
import type { PollRequest } from './asked-poll.ts'

/**
 * A page of the results as they are now, with the headers of the results page: shared by caches, known by the position.
 * Each aggregate is drawn once for every locale.
 * @param prepare sets what other headers the page needs
 */
export function resultsOfNow(
  scope: PagesScope,
  draw: (answer: Answer, locale: Locale) => Promise<string>,
  prepare: (reply: FastifyReply) => void = () => {},
) {
  const drawn = new WeakMap<Answer['aggregate'], Map<Locale, Promise<RenderedPage>>>()
  const page = (answer: Answer, locale: Locale): Promise<RenderedPage> => {
    const pages = drawn.get(answer.aggregate) ?? new Map<Locale, Promise<RenderedPage>>()
    drawn.set(answer.aggregate, pages)
    const known = pages.get(locale) ?? draw(answer, locale).then((html) => new RenderedPage(html))
    pages.set(locale, known)
    return known
  }
  return async (request: PollRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const locale = localeOf(request)
    const poll = request.params.poll ?? scope.context.defaultPoll
    const atLeast = rankSeen(request.headers['if-none-match'])
    const answer = await scope.context.results.results(poll, { atLeast })
    const etag = `${etagOf(answer).slice(0, -1)}.${scope.version}.${locale.language}"`
    prepare(reply)
    reply.headers({
      ...languageHeaders(locale),
      ...{ 'cache-control': sharedBriefly, etag: `W/${etag}`, 'server-timing': answer.tier },
    })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    return sendRendered(request, reply, await page(answer, locale))
  }
}
