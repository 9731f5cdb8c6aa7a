import { type ExclusionReason, submissionStream } from '../events/submission-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { evolveSubmission, noSubmission, type SubmissionState } from './submission-state.ts'

export interface ExcludeSubmission {
  readonly reason: ExclusionReason
  /** Label of the operator. */
  readonly by: string
  readonly occurredAt: string
}

/** Sets a submission aside; one that is set aside stays so, for the reason that was given first. */
export function decideExcludeSubmission(command: ExcludeSubmission, state: SubmissionState): Decision {
  switch (state.status) {
    case 'none':
      return reject('SUBMISSION_NOT_FOUND')
    case 'withdrawn':
      return reject('SUBMISSION_WITHDRAWN', { detail: 'Its owner has taken it back: it is not counted.' })
    case 'excluded':
      return accept()
    case 'counted': {
      const { poll, submittedAt, allocation: replaces } = state
      const { reason, by, occurredAt } = command
      const data = { poll, occurredAt, submittedAt, replaces, reason, by }
      return accept({ type: 'SubmissionExcluded', data })
    }
    default:
      return state satisfies never
  }
}

/** @throws {Problem} SUBMISSION_NOT_FOUND, SUBMISSION_WITHDRAWN, SUBMISSION_CHANGED, EVENT_LOG_UNAVAILABLE */
export const excludeSubmission = (
  context: CommandContext,
  submission: string,
  { reason, by }: Pick<ExcludeSubmission, 'reason' | 'by'>,
): Promise<Handled<SubmissionState>> =>
  handle(
    context,
    submissionStream(submission),
    { evolve: evolveSubmission, initial: noSubmission },
    (state) => decideExcludeSubmission({ reason, by, occurredAt: context.now().toISOString() }, state),
  )
