import { isDeepStrictEqual } from 'node:util'
import { Problem } from '../errors.ts'
import { NO_STREAM, type Position, WrongExpectedRevision } from '../events/event-log.ts'
import { type Allocation, type Shown, submissionStream, type Via } from '../events/submission-events.ts'
import { checkAllocation } from './allocation.ts'
import { accept, type Decision, reject } from './decider.ts'
import { accepted, append, type CommandContext, load } from './handler.ts'
import { nameBasedUuid, namespaceOf } from './name-based-uuid.ts'
import type { CataloguedPoll, PollCatalogue } from './poll-catalogue.ts'
import { hashReceipt, receiptFor } from './receipt.ts'
import { evolveSubmission, noSubmission } from './submission-state.ts'

export interface SubmitAllocation {
  readonly allocation: unknown
  readonly via: Via
  readonly receiptHash: string
  readonly occurredAt: string
  readonly shown?: Shown
}

/** Takes an allocation for an open poll. That the submission is new is the append's matter. */
export function decideSubmitAllocation(command: SubmitAllocation, poll: CataloguedPoll): Decision {
  const { definition, status } = poll
  if (status === 'closed')
    return reject('POLL_CLOSED', { detail: `The poll ${definition.poll} no longer takes submissions.` })
  const checked = checkAllocation(definition, command.allocation)
  if ('errors' in checked)
    return reject('INVALID_ALLOCATION', {
      detail: checked.errors.map((error) => error.message).join(' '),
      errors: checked.errors,
    })
  const { allocation } = checked
  const { via, receiptHash, occurredAt, shown } = command
  return accept({
    type: 'AllocationSubmitted',
    data: { poll: definition.poll, allocation, via, receiptHash, occurredAt, ...(shown && { shown }) },
  })
}

export interface SubmissionRequest {
  readonly poll: string
  readonly allocation: unknown
  readonly via: Via
  /** Tells this command from every other on the poll; the same key again is the same command. Random if left out. */
  readonly key?: string
  /** Now, unless told (an import). */
  readonly occurredAt?: string
  /** What the person had before them; it does not tell one command from another. */
  readonly shown?: Shown
}

/** What a key was used for: it says who may change it. */
export const receiptOf = ({ secret }: Pick<SubmissionContext, 'secret'>, poll: string, key: string) => ({
  submission: submissionIdFor(poll, key),
  receipt: receiptFor(secret, poll, key),
})

export interface SubmissionReceipt {
  readonly submission: string
  readonly receipt: string
  readonly position: Position
  /** The very same command had been carried out before. */
  readonly repeated: boolean
}

export interface SubmissionContext extends CommandContext {
  readonly polls: PollCatalogue
  /** SESSION_SECRET */
  readonly secret: string
}

/** Namespace of submission ids, a random UUID fixed once. */
const SUBMISSION_NAMESPACE = namespaceOf('b3f6c8de-54b8-4f3a-8f0e-1f0a0f6f8d27')

/** The submission that a key stands for. */
export const submissionIdFor = (poll: string, key: string): string =>
  nameBasedUuid(SUBMISSION_NAMESPACE, `${poll}/${key}`)

/**
 * Submits an allocation, durably, once per key.
 * @throws {Problem} POLL_NOT_FOUND, POLL_CLOSED, INVALID_ALLOCATION, IDEMPOTENCY_KEY_REUSED, EVENT_LOG_UNAVAILABLE
 */
export async function submitAllocation(
  context: SubmissionContext,
  request: SubmissionRequest,
): Promise<SubmissionReceipt> {
  const poll = await context.polls.get(request.poll)
  const key = request.key ?? context.newId()
  const { submission, receipt } = receiptOf(context, request.poll, key)
  const occurredAt = request.occurredAt ?? context.now().toISOString()
  const command = { ...request, receiptHash: hashReceipt(receipt), occurredAt }
  const decision = decideSubmitAllocation(command, poll)
  if ('rejection' in decision && decision.rejection.code === 'POLL_CLOSED' && request.key !== undefined) {
    const first = await findRepeat(context, submission, request.allocation, poll)
    if (first !== undefined) return { submission, receipt, position: first, repeated: true }
  }
  const events = accepted(decision)
  const { allocation } = (events[0] as { data: { allocation: Allocation } }).data
  try {
    const outcome = await append(context, submissionStream(submission), events, {
      expectedRevision: NO_STREAM,
      seed: seedFor(allocation),
    })
    return { submission, receipt, position: outcome.position, repeated: outcome.repeated }
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error
    throw new Problem('IDEMPOTENCY_KEY_REUSED', {
      detail: `Submission ${submission} was made with this key and another allocation. Use a new key, or revise it.`,
      cause: error,
    })
  }
}

/** The event's id follows from the allocation, so the log itself tells a repeat from a key used for something else. */
const seedFor = (allocation: Allocation): string => `submit ${JSON.stringify(allocation)}`

/** Position of the first outcome, if this very command was carried out while the poll was open. */
async function findRepeat(
  context: SubmissionContext,
  submission: string,
  input: unknown,
  { definition }: CataloguedPoll,
): Promise<Position | undefined> {
  const checked = checkAllocation(definition, input)
  if ('errors' in checked) return undefined
  const stream = submissionStream(submission)
  const { events } = await load(context.log, stream, evolveSubmission, noSubmission)
  const first = events[0]
  if (!first) return undefined
  const { allocation } = first.data as { allocation: Allocation }
  return isDeepStrictEqual(allocation, checked.allocation) ? first.position : undefined
}
