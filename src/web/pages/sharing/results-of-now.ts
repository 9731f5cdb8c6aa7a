import type { FastifyReply } from 'fastify'
import type { Answer } from '../../../queries/results.ts'
import { rankSeen } from '../../api/etag.ts'
import { RecentAnswers } from '../../api/recent-answers.ts'
import { type Locale, localeOf } from '../../locale.ts'
import type { PagesScope } from '../plugin.ts'
import { RenderedPages } from '../rendered-page.ts'
import { sendResults } from '../send-results.ts'
import type { PollRequest } from './asked-poll.ts'

/**
 * A page of the results as they are now. Each aggregate is drawn once for every locale.
 * @param prepare sets what other headers the page needs
 */
export function resultsOfNow(
  scope: PagesScope,
  draw: (answer: Answer, locale: Locale) => Promise<string>,
  prepare: (reply: FastifyReply) => void = () => {},
) {
  const pages = new RenderedPages()
  const recent = new RecentAnswers(scope.context.results)
  return async (request: PollRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const locale = localeOf(request)
    const poll = request.params.poll ?? scope.context.defaultPoll
    const seen = rankSeen(request.headers['if-none-match'])
    const answer = await recent.get(poll, performance.now(), seen)
    const key = `${locale.language} ${locale.base}`
    const page = () => pages.of(answer.aggregate, key, () => draw(answer, locale))
    prepare(reply)
    return sendResults(request, reply, { scope, answer, locale, page })
  }
}
