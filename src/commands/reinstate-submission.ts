import { submissionStream } from '../events/submission-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { evolveSubmission, noSubmission, type SubmissionState } from './submission-state.ts'

export interface ReinstateSubmission {
  /** Label of the operator. */
  readonly by: string
  readonly occurredAt: string
}

/** Counts a submission again that was set aside; one that counts stays so. */
export function decideReinstateSubmission(
  { by, occurredAt }: ReinstateSubmission,
  state: SubmissionState,
): Decision {
  switch (state.status) {
    case 'none':
      return reject('SUBMISSION_NOT_FOUND')
    case 'withdrawn':
      return reject('SUBMISSION_WITHDRAWN', { detail: 'Its owner has taken it back: it stays so.' })
    case 'counted':
      return accept()
    case 'excluded': {
      const { poll, submittedAt, allocation } = state
      return accept({ type: 'SubmissionReinstated', data: { poll, occurredAt, submittedAt, allocation, by } })
    }
    default:
      return state satisfies never
  }
}

/** @throws {Problem} SUBMISSION_NOT_FOUND, SUBMISSION_WITHDRAWN, SUBMISSION_CHANGED, EVENT_LOG_UNAVAILABLE */
export const reinstateSubmission = (
  context: CommandContext,
  submission: string,
  by: string,
): Promise<Handled<SubmissionState>> =>
  handle(
    context,
    submissionStream(submission),
    { evolve: evolveSubmission, initial: noSubmission },
    (state) => decideReinstateSubmission({ by, occurredAt: context.now().toISOString() }, state),
  )
