import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Handled } from '../../commands/handler.ts'
import { loadSubmission } from '../../commands/load-submission.ts'
import { reviseAllocation } from '../../commands/revise-allocation.ts'
import type { CastSubmission } from '../../commands/submission-state.ts'
import { withdrawAllocation } from '../../commands/withdraw-allocation.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { traced } from '../trace.ts'
import { described } from './described.ts'
import { problemResponses } from './problem-responses.ts'
import { AllocationBody, ChangedSubmission, SubmissionParameters, Traceparent } from './schemas.ts'
import { allocationIn } from './submission-body.ts'

const common = {
  tags: ['Submissions'],
  params: SubmissionParameters,
  headers: z.object({
    receipt: z.string().describe('The receipt that came with the submission'),
    traceparent: Traceparent,
  }),
}

const refusals = [
  'WRONG_RECEIPT',
  'SUBMISSION_NOT_FOUND',
  'POLL_CLOSED',
  'SUBMISSION_EXCLUDED',
  'SUBMISSION_CHANGED',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'EVENT_LOG_UNAVAILABLE',
] as const

const reviseOperation = {
  ...common,
  operationId: 'revise',
  summary: 'Replace the allocation',
  body: AllocationBody,
  response: {
    200: ChangedSubmission,
    ...problemResponses(...refusals, 'SUBMISSION_WITHDRAWN', 'INVALID_ALLOCATION', 'INVALID_REQUEST'),
  },
}

const withdrawOperation = {
  ...common,
  operationId: 'withdraw',
  summary: 'Take the submission back, for good',
  response: { 200: ChangedSubmission, ...problemResponses(...refusals) },
}

/** What the holder of a receipt may do. */
export function ownSubmissionRoutes(
  app: FastifyInstance,
  { context: { commands } }: { context: WebContext },
): void {
  app.put<{ Params: SubmissionParameters }>(
    '/submissions/:submission',
    described(reviseOperation),
    async (request, reply) => {
      const { headers, body } = request
      const { submission } = request.params
      const { state } = await loadSubmission(commands.log, submission)
      const allocation = await allocationIn(body, state.poll, commands.polls)
      const receipt = receiptIn(headers)
      const handled = await reviseAllocation(traced(commands, request), { submission, receipt, allocation })
      return reply.header('cache-control', neverStored).send(changed(submission, handled))
    },
  )
  app.delete<{ Params: SubmissionParameters }>(
    '/submissions/:submission',
    described(withdrawOperation),
    async (request, reply) => {
      const { submission } = request.params
      const receipt = receiptIn(request.headers)
      const handled = await withdrawAllocation(traced(commands, request), { submission, receipt })
      return reply.header('cache-control', neverStored).send(changed(submission, handled))
    },
  )
}

/** None at all is a wrong one. */
const receiptIn = ({ receipt }: IncomingHttpHeaders): string => (typeof receipt === 'string' ? receipt : '')

const changed = (submission: string, { state, position }: Handled<CastSubmission>): ChangedSubmission => ({
  submission: submission.toLowerCase(),
  status: state.status,
  allocation: state.allocation,
  position: position.toString(),
})
