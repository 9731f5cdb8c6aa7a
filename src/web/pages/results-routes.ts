import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { BlocSize } from '../../queries/bloc.ts'
import type { Answer } from '../../queries/results.ts'
import { etagOf, isKnown, rankSeen } from '../api/etag.ts'
import { RecentAnswers } from '../api/recent-answers.ts'
import { sharedBriefly } from '../cache-control.ts'
import { languageHeaders, localeOf } from '../locale.ts'
import { whileConnected } from '../while-connected.ts'
import { blocSizeOf } from './bloc-form.ts'
import { addressOf } from './frame.ts'
import { momentOf } from './moment-form.ts'
import type { PagesScope } from './plugin.ts'
import { sendRendered } from './rendered-page.ts'
import { ResultsPages } from './results-pages.ts'

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
    const etag = etagFor(answer, `${scope.version}.${locale.language}`, bloc)
    reply.headers({
      'cache-control': sharedBriefly,
      etag: `W/${etag}`,
      'server-timing': answer.tier,
      ...languageHeaders(locale),
    })
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
    const past = moment && { moment, address: addressOf(request) }
    return sendRendered(request, reply, await pages.of({ part, answer, locale, bloc, past }))
  }
  const options = { compress: false } as const
  for (const home of ['', '/polls/:poll']) {
    fastify.get(`${home}/results`, options, show('page'))
    fastify.get(`${home}/results/fragment`, options, show('fragment'))
  }
}

/** A new version of the pages is a new page, though the position is the same. */
const etagFor = (answer: Answer, version: string, bloc: BlocSize): string =>
  `${etagOf(answer).slice(0, -1)}.${version}.${bloc}"`
