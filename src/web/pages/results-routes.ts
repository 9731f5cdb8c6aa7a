import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { rankSeen } from '../api/etag.ts'
import { RecentAnswers } from '../api/recent-answers.ts'
import { localeOf } from '../locale.ts'
import { whileConnected } from '../while-connected.ts'
import { blocSizeOf } from './bloc-form.ts'
import { addressOf } from './frame.ts'
import { momentOf } from './moment-form.ts'
import type { PagesScope } from './plugin.ts'
import { ResultsPages } from './results-pages.ts'
import { sendResults } from './send-results.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/**
 * The collective budget, as a page and as the fragment of it that changes with every snapshot. Both are rendered and
 * compressed once for each snapshot, so they do without what compresses other pages.
 */
export function resultsRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const { context } = scope
  const pages = new ResultsPages(scope)
  const recent = new RecentAnswers(context.results)
  const show = (part: 'page' | 'fragment') => async (request: PollRequest, reply: FastifyReply) => {
    const poll = request.params.poll ?? context.defaultPoll
    const moment = momentOf(request.query, context.commands.now)
    const bloc = blocSizeOf(request.query)
    const locale = localeOf(request)
    const answer = await (moment
      ? context.results.results(poll, { ...moment, signal: whileConnected(reply) })
      : recent.get(poll, performance.now(), rankSeen(request.headers['if-none-match'])))
    const past = moment && { moment, address: addressOf(request) }
    const page = () => pages.of({ part, answer, locale, bloc, past })
    return sendResults(request, reply, { scope, answer, locale, variant: String(bloc), page })
  }
  const options = { compress: false } as const
  for (const home of ['', '/polls/:poll']) {
    fastify.get(`${home}/results`, options, show('page'))
    fastify.get(`${home}/results/fragment`, options, show('fragment'))
  }
}
