import type { FastifyInstance } from 'fastify'
import type { PollSummary } from '../../queries/results.ts'
import { sharedBriefly } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { described } from './described.ts'
import { problemResponses } from './problem-responses.ts'
import { PollList, PollParameters, PollView } from './schemas.ts'

const listOperation = {
  tags: ['Polls'],
  operationId: 'listPolls',
  summary: 'All polls, in the order of opening',
  response: { 200: PollList, ...problemResponses('RESULTS_UNAVAILABLE') },
}

const pollOperation = {
  tags: ['Polls'],
  operationId: 'getPoll',
  summary: 'What a poll asks, and whether it is open',
  params: PollParameters,
  response: { 200: PollView, ...problemResponses('POLL_NOT_FOUND', 'RESULTS_UNAVAILABLE') },
}

/** Definitions of polls. */
export function pollRoutes(app: FastifyInstance, { context }: { context: WebContext }): void {
  app.get('/polls', described(listOperation), async (_, reply) => {
    const polls = await context.results.polls()
    return reply.header('cache-control', sharedBriefly).send({ polls: polls.map(pollView) })
  })
  app.get<{ Params: PollParameters }>('/polls/:poll', described(pollOperation), async ({ params }, reply) => {
    const poll = await context.results.poll(params.poll)
    return reply.header('cache-control', sharedBriefly).send(pollView(poll))
  })
}

const pollView = ({ definition, status }: PollSummary) => ({ ...definition, status })
