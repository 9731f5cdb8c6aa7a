import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Answer } from '../../queries/results.ts'
import { ResultsView, resultsBody } from '../../queries/results-view.ts'
import { neverStored, sharedBriefly } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { described } from './described.ts'
import { etagOf, isKnown } from './etag.ts'
import { requireOperator } from './operator.ts'
import { problemResponses } from './problem-responses.ts'
import { RecentAnswers } from './recent-answers.ts'
import { ResultsParameters, readResultsQuery } from './results-query.ts'
import { PollParameters } from './schemas.ts'

const operation = {
  tags: ['Results'],
  operationId: 'getResults',
  summary: 'The collective budget',
  description:
    'Every answer says how old it is: `position` and `asOf`. The `ETag` is made of the position, so asking again with `If-None-Match` is cheap. `tier` needs the operator token.',
  security: [{}, { operator: [] }],
  params: PollParameters,
  querystring: ResultsParameters,
  headers: z.object({ 'if-none-match': z.string().optional().describe('ETag of the answer that you have') }),
  response: {
    200: ResultsView.describe('The results'),
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
    async ({ params, query, headers }, reply) => {
      const options = readResultsQuery(query, context.commands.now)
      if (options?.tier) requireOperator(headers.authorization, context.operatorToken)
      const started = performance.now()
      const answer = await (options
        ? context.results.results(params.poll, options)
        : recent.get(params.poll, started))
      context.metrics.answered(answer.tier)
      const etag = etagOf(answer)
      describe(reply, answer, etag, performance.now() - started)
      reply.header('cache-control', options?.tier ? neverStored : sharedBriefly)
      if (isKnown(headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('application/json; charset=utf-8').send(resultsBody(answer))
    },
  )
}

function describe(reply: FastifyReply, { tier }: Answer, etag: string, duration: number): void {
  reply.header('etag', etag)
  reply.header('server-timing', `${tier};dur=${duration.toFixed(1)}`)
}
