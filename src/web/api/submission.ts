import type { FastifyInstance } from 'fastify'
import type { CastSubmission } from '../../commands/submission-state.ts'
import { Problem } from '../../errors.ts'
import { compare } from '../../queries/comparison.ts'
import type { ResultsOptions } from '../../queries/results.ts'
import { neverStored } from '../cache-control.ts'
import type { WebContext } from '../context.ts'
import { submissionAt } from '../moment.ts'
import { permanentLinkHeader } from '../permanent-link.ts'
import { whileConnected } from '../while-connected.ts'
import { described } from './described.ts'
import { problemResponses } from './problem-responses.ts'
import { MomentParameters, readMoment } from './results-query.ts'
import { SubmissionParameters, SubmissionView } from './schemas.ts'

const operation = {
  tags: ['Submissions'],
  operationId: 'getSubmission',
  summary: 'One allocation beside everyone’s and beside the actual budgets',
  description:
    'With `asOf` or `position`, or both: the submission as it stood at that moment, beside everyone’s of the same moment. The header `Link` names, with `rel="bookmark"`, the address that always shows it as it is now. One that was cast later is not found. Of one that is withdrawn, or was at that moment, nothing is shown but that.',
  params: SubmissionParameters,
  querystring: MomentParameters,
  response: {
    200: SubmissionView,
    ...problemResponses(
      'SUBMISSION_NOT_FOUND',
      'POSITION_NOT_FOUND',
      'INVALID_REQUEST',
      'EVENT_LOG_UNAVAILABLE',
    ),
  },
}

/** One submission, as it stands or stood. */
export function submissionRoute(app: FastifyInstance, { context }: { context: WebContext }): void {
  app.get<{ Params: SubmissionParameters; Querystring: Record<string, unknown> }>(
    '/submissions/:submission',
    described(operation),
    async (request, reply) => {
      const { params, query } = request
      const moment = readMoment(query, context.commands.now)
      const { state, position } = await submissionAt(context, params.submission, moment)
      const asked = moment && { ...moment, signal: whileConnected(reply) }
      const { poll, status, submittedAt, allocation } = state
      const isShown = status !== 'withdrawn'
      // Of a moment that is yet to come nothing is told, not even this.
      const compared = isShown || asked ? await comparison(context, state, asked) : null
      const view: SubmissionView = {
        submission: params.submission.toLowerCase(),
        poll,
        status,
        submittedAt,
        position: position.toString(),
        allocation: isShown ? allocation : null,
        comparison: isShown ? compared : null,
      }
      // It may have changed since anything changed the results, and they since it did.
      const last = compared && BigInt(compared.position) > position ? BigInt(compared.position) : position
      const link = permanentLinkHeader(`/api/submissions/${view.submission}`, { position: last }, moment)
      return reply.headers({ 'cache-control': neverStored, link }).send(view)
    },
  )
}

/** People see what they submitted even while the results cannot be read. */
async function comparison(
  { results }: WebContext,
  { poll, allocation }: Pick<CastSubmission, 'poll' | 'allocation'>,
  moment: ResultsOptions | undefined,
): Promise<SubmissionView['comparison']> {
  try {
    const { tier, aggregate } = await results.results(poll, moment)
    const { position, asOf } = aggregate
    return { tier, position: position.toString(), asOf, ...compare(aggregate, allocation) }
  } catch (error) {
    if (error instanceof Problem && error.code !== 'POSITION_NOT_FOUND') return null
    throw error
  }
}
