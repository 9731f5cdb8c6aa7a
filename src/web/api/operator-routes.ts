import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { closePoll } from '../../commands/close-poll.ts'
import { reopenPoll } from '../../commands/reopen-poll.ts'
import type { ProblemCode } from '../../errors.ts'
import type { ParkedEventState } from '../../projections/parked-events.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { traced } from '../trace.ts'
import { whileConnected } from '../while-connected.ts'
import { described } from './described.ts'
import type { OperatorGate } from './operator.ts'
import { bodyAs } from './operator-body.ts'
import {
  ExclusionBody,
  ExclusionOutcome,
  ParkedList,
  PollStatus,
  RetryBody,
  RetryOutcome,
  SkipBody,
  SkipOutcome,
} from './operator-schemas.ts'
import { problemResponses } from './problem-responses.ts'
import { asFieldErrors, invalid } from './results-query.ts'
import { PollParameters } from './schemas.ts'

const operation = (
  operationId: string,
  summary: string,
  { body, answer, refusals = [], ...more }: OperationParts,
) => ({
  ...{ operationId, summary, tags: ['Operators'], security: [{ operator: [] }] },
  ...more,
  ...(body && { body }),
  response: {
    200: answer,
    ...problemResponses('NOT_AN_OPERATOR', 'TOO_MANY_REQUESTS', ...(body ? ofBodies : []), ...refusals),
  },
})

interface OperationParts {
  readonly body?: z.ZodType
  readonly answer: z.ZodType
  readonly refusals?: readonly ProblemCode[]
  readonly description?: string
  readonly params?: z.ZodType
  readonly querystring?: z.ZodType
}

const ofBodies = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'INVALID_REQUEST'] as const
const ofParked = ['PARKED_EVENT_NOT_FOUND', 'EVENT_LOG_UNAVAILABLE', 'RESULTS_UNAVAILABLE'] as const
const ofPolls = ['POLL_NOT_FOUND', 'SUBMISSION_CHANGED', 'EVENT_LOG_UNAVAILABLE'] as const

const DryRun = z.strictObject({
  dryRun: z
    .enum(['true', 'false'], { error: 'dryRun must be true or false.' })
    .optional()
    .describe('true: only says what would happen'),
})

const operations = {
  parked: operation('listParked', 'Events that could not be applied, and wait', {
    answer: ParkedList,
    refusals: ['RESULTS_UNAVAILABLE'],
  }),
  retry: operation('retryParked', 'Try parked events again', {
    description:
      'With today’s program: it may know what to do with them by now. Answered when it is known what came of it.',
    body: RetryBody,
    answer: RetryOutcome,
    refusals: ofParked,
  }),
  skip: operation('skipParked', 'Leave a parked event out for good', {
    body: SkipBody,
    answer: SkipOutcome,
    refusals: ofParked,
  }),
  exclusions: operation('exclude', 'Set submissions aside, or take that back', {
    description:
      'By id, or by everything that is set of the filter. Asked for again it does what is left to do. Both counts stay public.',
    querystring: DryRun,
    body: ExclusionBody,
    answer: ExclusionOutcome,
    refusals: [
      'POLL_NOT_FOUND',
      'SUBMISSION_CHANGED',
      'EVENT_LOG_UNAVAILABLE',
      'RESULTS_UNAVAILABLE',
      'REPLAY_BUSY',
    ],
  }),
  close: operation('closePoll', 'End a poll: its results stay', {
    params: PollParameters,
    answer: PollStatus,
    refusals: ofPolls,
  }),
  reopen: operation('reopenPoll', 'Let a closed poll take submissions again', {
    params: PollParameters,
    answer: PollStatus,
    refusals: ofPolls,
  }),
}

/** What operators do by program; every act is signed with the label of their token. */
export function operatorRoutes(
  app: FastifyInstance,
  { context, gate }: { context: WebContext; gate: OperatorGate },
): void {
  const { commands, parkedEvents, exclusions } = context
  /** Lets operators pass; tells the handler who it is. */
  const signed =
    (handler: (request: FastifyRequest, by: string, reply: FastifyReply) => Promise<object>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const by = await gate(request)
      const answer = await handler(request, by, reply)
      return reply.header('cache-control', neverStored).send(answer)
    }

  app.get(
    '/operator/parked',
    described(operations.parked),
    signed(async () => ({ parked: (await parkedEvents.list()).map(parkedView) })),
  )
  app.post(
    '/operator/parked/retry',
    described(operations.retry),
    signed(async ({ body }, by) => {
      const positions = bodyAs(RetryBody, body).positions?.map(BigInt)
      const { applied, parked } = await parkedEvents.retry({ by, ...(positions && { positions }) })
      return { applied: applied.map(String), parked: parked.map(parkedView) }
    }),
  )
  app.post(
    '/operator/parked/skip',
    described(operations.skip),
    signed(async ({ body }, by) => {
      const { position, reason } = bodyAs(SkipBody, body)
      await parkedEvents.skip(BigInt(position), { by, reason })
      return { skipped: position }
    }),
  )
  app.post(
    '/operator/exclusions',
    described(operations.exclusions),
    signed(async ({ body, query }, by, reply) => {
      const isDryRun = readDryRun(query as object)
      const { act, reason, filter } = bodyAs(ExclusionBody, body)
      const signal = whileConnected(reply)
      if (isDryRun) return await exclusions.preview(act, filter)
      return await (act === 'exclude'
        ? exclusions.exclude(filter, { by, reason: reason!, signal })
        : exclusions.reinstate(filter, { by, signal }))
    }),
  )
  for (const [name, act] of [['close', closePoll] as const, ['reopen', reopenPoll] as const])
    app.post(
      `/operator/polls/:poll/${name}`,
      described(operations[name]),
      signed(async (request, by) => {
        const { poll } = request.params as PollParameters
        await commands.polls.get(poll)
        const { state } = await act(traced(commands, request), poll, by)
        commands.polls.forget(poll)
        return { poll, status: state.status }
      }),
    )
}

function readDryRun(query: object): boolean {
  const parsed = DryRun.safeParse({ ...query })
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(asFieldErrors))
  return parsed.data.dryRun === 'true'
}

const parkedView = ({ position, poll, parkedAt, ...parked }: ParkedEventState) => ({
  position: String(position),
  poll: poll ?? null,
  ...parked,
  parkedAt: parkedAt.toISOString(),
})
