import { isDeepStrictEqual } from 'node:util'
import { checkAllocation } from './allocation.ts'
import { accept, type Decision, reject } from './decider.ts'
import type { Handled } from './handler.ts'
import { handleOwned, type OwnerCommand, type OwnerContext, ownedSubmission } from './own-submission.ts'
import type { CataloguedPoll } from './poll-catalogue.ts'
import type { CastSubmission, SubmissionState } from './submission-state.ts'

export interface ReviseAllocation extends OwnerCommand {
  /** Anything at all; meant is category id → basis points. */
  readonly allocation: unknown
}

/** Replaces the owner's allocation; the same one again changes nothing. */
export function decideReviseAllocation(
  command: ReviseAllocation & { readonly occurredAt: string },
  state: SubmissionState,
  poll: CataloguedPoll,
): Decision {
  const owned = ownedSubmission(state, command.receipt, poll)
  if (!('status' in owned)) return owned
  if (owned.status === 'withdrawn')
    return reject('SUBMISSION_WITHDRAWN', {
      detail:
        poll.status === 'open' ? 'You can make a new submission instead.' : 'And the poll is closed now.',
    })
  const checked = checkAllocation(poll.definition, command.allocation)
  if ('errors' in checked)
    return reject('INVALID_ALLOCATION', {
      detail: checked.errors.map((error) => error.message).join(' '),
      errors: checked.errors,
    })
  if (isDeepStrictEqual(checked.allocation, owned.allocation)) return accept()
  return accept({
    type: 'AllocationRevised',
    data: {
      poll: owned.poll,
      allocation: checked.allocation,
      replaces: owned.allocation,
      submittedAt: owned.submittedAt,
      occurredAt: command.occurredAt,
    },
  })
}

/**
 * @throws {Problem} SUBMISSION_NOT_FOUND, WRONG_RECEIPT, SUBMISSION_EXCLUDED, SUBMISSION_WITHDRAWN, POLL_CLOSED,
 * INVALID_ALLOCATION, SUBMISSION_CHANGED, EVENT_LOG_UNAVAILABLE
 */
export const reviseAllocation = (
  context: OwnerContext,
  command: ReviseAllocation,
): Promise<Handled<CastSubmission>> =>
  handleOwned(context, command, (state, poll) =>
    decideReviseAllocation({ ...command, occurredAt: context.now().toISOString() }, state, poll),
  )
