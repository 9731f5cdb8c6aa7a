import { setTimeout as sleep } from 'node:timers/promises'
import { checkAllocation } from '../../commands/allocation.ts'
import { type SubmissionContext, submitAllocation } from '../../commands/submit-allocation.ts'
import { Problem, type ProblemCode } from '../../errors.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Ballot, Row } from './ballot-file.ts'
import { inOrder } from './in-order.ts'

/** How many submissions are under way at once: the log commits whatever is waiting in one go. */
const WINDOW = 1000

/** Waits before a submission is tried again while the log cannot be reached. */
const RETRY_AFTER_MS = [250, 1000, 3000]

export type Verdict =
  | { readonly status: 'imported' | 'already there' }
  | { readonly status: 'rejected'; readonly reason: string }

/** What became of one line. */
export type Outcome = { readonly line: number; readonly end: number } & Verdict

export interface ImportTarget {
  readonly definition: PollDefinition
  /** The poll's category ids in the order of the file's. */
  readonly categories: readonly string[]
  /** Undefined: the ballots are only checked. */
  readonly context: SubmissionContext | undefined
}

/**
 * Submits the ballots of a file, many at once, and tells what became of each line, in order. A voter's name is the
 * idempotency key: the same ballot again changes nothing, however often a file is imported.
 * @param signal stops taking more lines; those under way are still told about
 * @throws {Problem} POLL_CLOSED, EVENT_LOG_UNAVAILABLE: what was not told about may or may not be there
 */
export const importBallots = (
  target: ImportTarget,
  rows: AsyncIterable<Row>,
  signal: AbortSignal,
): AsyncGenerator<Outcome> =>
  inOrder(until(signal, rows), WINDOW, async (row) => {
    const place = { line: row.line, end: row.end }
    if ('reason' in row) return { ...place, status: 'rejected', reason: row.reason }
    return { ...place, ...(await take(target, row.ballot)) }
  })

/** The key of an imported voter's submission. */
const importKey = (voter: string): string => `import:${voter}`

async function take({ context, definition, categories }: ImportTarget, ballot: Ballot): Promise<Verdict> {
  const allocation = Object.fromEntries(categories.map((id, index) => [id, ballot.shares[index]]))
  if (!context) return check(definition, allocation)
  const request = {
    poll: definition.poll,
    allocation,
    via: 'import',
    key: importKey(ballot.voter),
    occurredAt: ballot.occurredAt,
  } as const
  try {
    const { repeated } = await untilAvailable(() => submitAllocation(context, request))
    return { status: repeated ? 'already there' : 'imported' }
  } catch (error) {
    const reason = reasonFor(error)
    if (reason === undefined) throw error
    return { status: 'rejected', reason }
  }
}

function check(definition: PollDefinition, allocation: object): Verdict {
  const checked = checkAllocation(definition, allocation)
  if ('allocation' in checked) return { status: 'imported' }
  return { status: 'rejected', reason: checked.errors.map(({ message }) => message).join(' ') }
}

/** What is wrong with this one ballot, if that is what `error` says. */
function reasonFor(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return undefined
  const reasons: Partial<Record<ProblemCode, string>> = {
    IDEMPOTENCY_KEY_REUSED: 'this voter was imported with another allocation',
    INVALID_ALLOCATION: error.message,
  }
  return reasons[error.code]
}

async function untilAvailable<T>(attempt: () => Promise<T>): Promise<T> {
  for (const wait of RETRY_AFTER_MS) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'EVENT_LOG_UNAVAILABLE')) throw error
      await sleep(wait)
    }
  }
  return await attempt()
}

async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    if (signal.aborted) return
    yield item
  }
}
