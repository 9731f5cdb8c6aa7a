import type { RecordedEvent } from '../events/event-log.ts'
import { WHOLE } from '../events/poll-events.ts'
import type { EventBatch, SubmittedRun } from '../events/submitted-run.ts'
import { tally } from './category-aggregate.ts'
import { countValues } from './count-values.ts'
import { foldsSubmitted, isInstant } from './decode-for-fold.ts'
import type { Fold, ParkedEvent } from './fold.ts'
import type { MutablePollAggregate } from './poll-aggregate.ts'
import { occurredAtOf } from './poll-states/occurred-at.ts'

/** What is to be applied. */
export interface Asked {
  /** Only this poll's events. */
  readonly poll?: string
  /** Only what occurred up to and including this time, ISO 8601. */
  readonly asOf?: string
}

/**
 * Applies the events of a batch in order, with the same outcome as one by one. Runs of submissions in which
 * nothing is parked are counted column by column: several times as fast.
 * @returns what must be parked
 */
export function applyBatch(fold: Fold, batch: EventBatch, asked: Asked = {}): ParkedEvent[] {
  const parked: ParkedEvent[] = []
  const applyUpTo = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      const event = batch[index]!
      const failed = isAsked(event, asked) ? fold.apply(event) : undefined
      if (failed) parked.push(failed)
    }
  }
  let next = 0
  for (const run of batch.runs ?? []) {
    const end = run.at + run.length
    applyUpTo(next, run.at)
    const isOther = asked.poll !== undefined && run.poll !== asked.poll
    if (!isOther && !applyRun(fold, run, batch, asked)) applyUpTo(run.at, end)
    next = end
  }
  applyUpTo(next, batch.length)
  return parked
}

function isAsked(event: RecordedEvent, { poll, asOf }: Asked): boolean {
  if (poll !== undefined && (event.data as { poll?: unknown } | null)?.poll !== poll) return false
  return asOf === undefined || occurredAtOf(event) <= asOf
}

/** Wholly or not at all. @returns whether it did */
function applyRun(fold: Fold, run: SubmittedRun, batch: EventBatch, { asOf }: Asked): boolean {
  const poll = fold.polls.get(run.poll)
  const positionAt = (index: number) => batch[run.at + index]!.position
  if (!poll || !foldsSubmitted(run.schemaVersion) || positionAt(0) < poll.openedAt) return false
  if (fold.listener && !fold.listener.addRun) return false
  const { length, occurredAt } = run
  const span = run.span ?? spanOf(run)
  const shares = columnsOf(poll, run)
  if (!span || (asOf !== undefined && span.latest > asOf)) return false
  if (!shares || !areWhole(shares, length)) return false
  const counted = shares.map((column) => countValues(column, length))
  const { step } = poll.definition
  for (const values of counted)
    for (let at = 0; at < values.length; at += 2) if (values[at]! % step) return false
  for (const [index, values] of counted.entries())
    for (let at = 0; at < values.length; at += 2) tally(poll.categories[index]!, values[at]!, values[at + 1]!)
  poll.counted += length
  poll.position = positionAt(length - 1)
  if (span.latest > poll.asOf) poll.asOf = span.latest
  fold.listener?.addRun?.({ poll, length, shares, positionAt, occurredAt, span })
  return true
}

/** Undefined if one of them is no instant. */
function spanOf({ length, occurredAt }: SubmittedRun): SubmittedRun['span'] {
  let [earliest, latest] = [occurredAt(0), '']
  for (let index = 0; index < length; index++) {
    const instant = occurredAt(index)
    if (!isInstant(instant)) return undefined
    if (instant > latest) latest = instant
    if (instant < earliest) earliest = instant
  }
  return { earliest, latest }
}

/** In the order of the poll's categories; undefined if the run has others. */
function columnsOf({ definition }: MutablePollAggregate, run: SubmittedRun): Uint16Array[] | undefined {
  if (run.categories.length !== definition.categories.length) return undefined
  const columns = definition.categories.map(({ id }) => run.shares[run.categories.indexOf(id)])
  return columns.every((column) => column !== undefined) ? columns : undefined
}

/** Whether every event's shares sum to the whole. */
function areWhole(columns: readonly Uint16Array[], length: number): boolean {
  const sums = new Uint32Array(length)
  for (const column of columns) for (let index = 0; index < length; index++) sums[index]! += column[index]!
  return sums.every((sum) => sum === WHOLE)
}
