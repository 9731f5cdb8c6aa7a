import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Answer, ResultsOptions } from '../../queries/results.ts'
import { ResultsView, resultsBody } from '../../queries/results-view.ts'
import { neverStored, sharedBriefly, sharedForGood } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { permanentLinkHeader } from '../permanent-link.ts'
import { whileConnected } from '../while-connected.ts'
import { described } from './described.ts'
import { etagOf, isKnown, rankSeen } from './etag.ts'
import { requireOperator } from './operator.ts'
import { problemResponses } from './problem-responses.ts'
import { RecentAnswers } from './recent-answers.ts'
import { ResultsParameters, readResultsQuery } from './results-query.ts'
import { PollParameters } from './schemas.ts'

/** Of a poll of two. */
const exampleResults: ResultsView = {
  poll: 'parks',
  tier: 'replay',
  position: '1234',
  asOf: '2026-11-23T10:00:00.000Z',
  parked: 0,
  submissions: { counted: 2, excluded: 1, withdrawn: 0 },
  total: 10_000,
  truthful: { method: 'independent-markets', t: '5000' },
  disagreement: { method: 'mean-pairwise-distance', share: 1 },
  categories: ['trees', 'paths'].map((id) => ({
    ...{
      id,
      label: id === 'trees' ? 'Trees' : 'Paths',
      sum: 10_000,
      mean: 5000,
      median: 5000,
      p10: 0,
      p25: 0,
    },
    ...{ p75: 10_000, p90: 10_000, stddev: 7071.07, zeros: 1, truthful: 5000 },
    disagreement: 10_000,
    histogram: [
      [0, 1],
      [10_000, 1],
    ],
  })),
}

const operation = {
  tags: ['Results'],
  operationId: 'getResults',
  summary: 'The collective budget',
  description:
    'Every answer says how old it is: `position` and `asOf`. The `ETag` is made of the position, so asking again with `If-None-Match` is cheap. `asOf` and `position` ask for the past, both together for what stands up to the position and occurred up to the time; the header `Link` names, with `rel="bookmark"`, the address that always gives these very numbers. `tier` needs the operator token.',
  security: [{}, { operator: [] }],
  params: PollParameters,
  querystring: ResultsParameters,
  headers: z.object({ 'if-none-match': z.string().optional().describe('ETag of the answer that you have') }),
  response: {
    200: ResultsView.describe('The results').meta({ examples: [exampleResults] }),
    304: z.undefined().describe('Nothing has changed since the ETag that you sent'),
    ...problemResponses(
      'NOT_AN_OPERATOR',
      'POLL_NOT_FOUND',
      'POSITION_NOT_FOUND',
      'INVALID_REQUEST',
      'RESULTS_UNAVAILABLE',
      'REPLAY_BUSY',
    ),
  },
}

/** The hot path: nothing here is computed or serialised anew while the same snapshot stands. */
export function resultsRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  const recent = new RecentAnswers(context.results)
  app.get<{ Params: PollParameters; Querystring: Record<string, unknown> }>(
    '/polls/:poll/results',
    described(operation),
    async (request, reply) => {
      const { params, query, headers } = request
      const options = readResultsQuery(query, context.commands.now)
      if (options?.tier) requireOperator(headers.authorization, context.operatorToken)
      const started = performance.now()
      const answer = await (options
        ? context.results.results(params.poll, { ...options, signal: whileConnected(reply) })
        : recent.get(params.poll, started, rankSeen(headers['if-none-match'])))
      context.metrics.answered(answer.tier)
      const etag = etagOf(answer)
      describe(reply, answer, etag, performance.now() - started)
      reply.header('cache-control', cacheControl(answer, options))
      // Nobody keeps what an operator has asked a tier for.
      if (!options?.tier) reply.header('link', options ? linkOf(answer, options) : presentLink(answer))
      if (isKnown(headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('application/json; charset=utf-8').send(resultsBody(answer))
    },
  )
}

const linkOf = ({ aggregate }: Answer, options?: ResultsOptions): string =>
  permanentLinkHeader(`/api/polls/${aggregate.definition.poll}/results`, aggregate, options)

const presentLinks = new WeakMap<Answer['aggregate'], string>()

/** Of the results of now: made once for each snapshot. */
function presentLink(answer: Answer): string {
  let link = presentLinks.get(answer.aggregate)
  if (link === undefined) {
    link = linkOf(answer)
    presentLinks.set(answer.aggregate, link)
  }
  return link
}

/**
 * What stands up to a position never changes, but for what is parked: an operator may have it counted after all.
 * As of a time alone, it may grow by what is yet to be imported.
 */
function cacheControl({ aggregate }: Answer, options: ResultsOptions | undefined): string {
  if (options?.tier) return neverStored
  return options?.position !== undefined && aggregate.parked === 0 ? sharedForGood : sharedBriefly
}

function describe(reply: FastifyReply, { tier }: Answer, etag: string, duration: number): void {
  reply.header('etag', etag)
  reply.header('server-timing', `${tier};dur=${duration.toFixed(1)}`)
}
