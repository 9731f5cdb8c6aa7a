import type { FastifyInstance } from 'fastify'
import { loadSubmission } from '../../commands/load-submission.ts'
import { Problem } from '../../errors.ts'
import type { Allocation } from '../../events/submission-events.ts'
import { compare } from '../../queries/comparison.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { described } from './described.ts'
import { problemResponses } from './problem-responses.ts'
import { SubmissionParameters, SubmissionView } from './schemas.ts'

const operation = {
  tags: ['Submissions'],
  operationId: 'getSubmission',
  summary: 'One allocation beside everyone’s and beside the actual budgets',
  params: SubmissionParameters,
  response: { 200: SubmissionView, ...problemResponses('SUBMISSION_NOT_FOUND', 'EVENT_LOG_UNAVAILABLE') },
}

/** One submission, as it stands. */
export function submissionRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  app.get<{ Params: SubmissionParameters }>(
    '/submissions/:submission',
    described(operation),
    async ({ params }, reply) => {
      const { state, position } = await loadSubmission(context.readersLog, params.submission)
      const { poll, status, submittedAt, allocation } = state
      const view: SubmissionView = {
        submission: params.submission.toLowerCase(),
        poll,
        status,
        submittedAt,
        position: position.toString(),
        allocation,
        comparison: await comparison(context, poll, allocation),
      }
      return reply.header('cache-control', neverStored).send(view)
    },
  )
}

/** People see what they submitted even while the results cannot be read. */
async function comparison(
  { results }: WebContext,
  poll: string,
  allocation: Allocation,
): Promise<SubmissionView['comparison']> {
  try {
    const { tier, aggregate } = await results.results(poll)
    const { position, asOf } = aggregate
    return { tier, position: position.toString(), asOf, ...compare(aggregate, allocation) }
  } catch (error) {
    if (error instanceof Problem) return null
    throw error
  }
}
