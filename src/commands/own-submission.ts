/** What revising and withdrawing share: the owner proves to be one, and the poll and the submission still allow it. */
import type { EventLog } from '../events/event-log.ts'
import { submissionStream } from '../events/submission-events.ts'
import { type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { loadSubmission, submissionNotFound } from './load-submission.ts'
import type { CataloguedPoll, PollCatalogue } from './poll-catalogue.ts'
import { isReceipt } from './receipt.ts'
import {
  type CastSubmission,
  evolveSubmission,
  noSubmission,
  type SubmissionState,
} from './submission-state.ts'

export interface OwnerContext extends CommandContext {
  readonly log: EventLog
  readonly polls: PollCatalogue
}

export interface OwnerCommand {
  readonly submission: string
  /** What the person got when they submitted. */
  readonly receipt: string
}

/** A cast submission, or why this person may not change it now. */
export function ownedSubmission(
  state: SubmissionState,
  receipt: string,
  poll: CataloguedPoll,
): CastSubmission | Decision {
  if (state.status === 'none') return reject('SUBMISSION_NOT_FOUND')
  if (!isReceipt(receipt, state.receiptHash)) return reject('WRONG_RECEIPT')
  if (state.status === 'excluded')
    return reject('SUBMISSION_EXCLUDED', { detail: 'It is not counted and cannot be changed.' })
  // One that is withdrawn stays so, open poll or not: who withdraws again is not told that it still counts.
  if (poll.status === 'closed' && state.status === 'counted')
    return reject('POLL_CLOSED', { detail: 'Submissions to a closed poll stay as they are.' })
  return state
}

/** Runs an owner's command against its submission. @throws {Problem} whatever `decide` rejects with */
export async function handleOwned(
  context: OwnerContext,
  { submission }: OwnerCommand,
  decide: (state: SubmissionState, poll: CataloguedPoll) => Decision,
): Promise<Handled<CastSubmission>> {
  const { state } = await loadSubmission(context.log, submission)
  const poll = await context.polls.get(state.poll)
  const fold = { evolve: evolveSubmission, initial: noSubmission }
  const handled = await handle(context, submissionStream(submission.toLowerCase()), fold, (current) =>
    decide(current, poll),
  )
  if (handled.state.status === 'none') throw submissionNotFound()
  return { ...handled, state: handled.state }
}
