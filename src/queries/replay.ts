import { type EventLog, type Position, START } from '../events/event-log.ts'
import { Fold, type ParkedEvent } from '../projections/fold.ts'
import { applyBatch } from '../projections/fold-run.ts'
import type { MutablePollAggregate } from '../projections/poll-aggregate.ts'

export interface ReplayOptions {
  /** Goes on after this position instead of at the log's start … */
  readonly after?: Position
  /** … from these polls as they stood there. They belong to the replay then. */
  readonly base?: readonly MutablePollAggregate[]
  /** Only this poll's events. */
  readonly poll?: string
  /** Everything up to and including this position; the log's head if left out. */
  readonly upTo?: Position
  /** Only what occurred up to and including this time, ISO 8601. */
  readonly asOf?: string
  readonly signal?: AbortSignal
  /** Told now and then how many events are done. */
  readonly onProgress?: (events: number, position: Position) => void
}

export interface Replayed {
  readonly fold: Fold
  /** What waits for an operator in the end. */
  readonly parked: readonly ParkedEvent[]
  readonly events: number
}

/** The third tier: folds the log afresh, or a part of it. O(n) in time, O(categories) in memory. */
export async function replay(log: Pick<EventLog, 'readAll'>, options: ReplayOptions = {}): Promise<Replayed> {
  const { after = START, base = [], upTo, signal, onProgress } = options
  const fold = new Fold(new Map(base.map((poll) => [poll.definition.poll, poll])))
  const failed = new Map<Position, ParkedEvent>()
  let events = 0
  const range = { after, forFold: true, ...(upTo !== undefined && { upTo }), ...(signal && { signal }) }
  for await (const batch of log.readAll(range)) {
    for (const parked of applyBatch(fold, batch, options)) failed.set(parked.event.position, parked)
    events += batch.length
    onProgress?.(events, batch.at(-1)!.position)
  }
  const parked = [...failed.values()].filter(({ event, poll }) => fold.isParked(event.position, poll))
  return { fold, parked, events }
}
