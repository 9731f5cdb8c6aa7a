import { accept, type Decision } from './decider.ts'
import type { Handled } from './handler.ts'
import { handleOwned, type OwnerCommand, type OwnerContext, ownedSubmission } from './own-submission.ts'
import type { CataloguedPoll } from './poll-catalogue.ts'
import type { CastSubmission, SubmissionState } from './submission-state.ts'

/** Takes the owner's submission back; a withdrawn one stays withdrawn. */
export function decideWithdrawAllocation(
  command: OwnerCommand & { readonly occurredAt: string },
  state: SubmissionState,
  poll: CataloguedPoll,
): Decision {
  const owned = ownedSubmission(state, command.receipt, poll)
  if (!('status' in owned)) return owned
  if (owned.status === 'withdrawn') return accept()
  return accept({
    type: 'AllocationWithdrawn',
    data: {
      poll: owned.poll,
      replaces: owned.allocation,
      submittedAt: owned.submittedAt,
      occurredAt: command.occurredAt,
    },
  })
}

/**
 * @throws {Problem} SUBMISSION_NOT_FOUND, WRONG_RECEIPT, SUBMISSION_EXCLUDED, POLL_CLOSED, SUBMISSION_CHANGED,
 * EVENT_LOG_UNAVAILABLE
 */
export const withdrawAllocation = (
  context: OwnerContext,
  command: OwnerCommand,
): Promise<Handled<CastSubmission>> =>
  handleOwned(context, command, (state, poll) =>
    decideWithdrawAllocation({ ...command, occurredAt: context.now().toISOString() }, state, poll),
  )
