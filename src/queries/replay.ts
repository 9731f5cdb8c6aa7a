import type { EventLog, Position, RecordedEvent } from '../events/event-log.ts'
import { Fold, type ParkedEvent } from '../projections/fold.ts'

export interface ReplayOptions {
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
  readonly parked: readonly ParkedEvent[]
  readonly events: number
}

/** The third tier: folds the whole log afresh. O(n) in time, O(categories) in memory. */
export async function replay(log: EventLog, options: ReplayOptions = {}): Promise<Replayed> {
  const { upTo, asOf, signal, onProgress } = options
  const fold = new Fold()
  const parked: ParkedEvent[] = []
  let events = 0
  const range = { after: 0n, ...(upTo !== undefined && { upTo }), ...(signal && { signal }) }
  for await (const batch of log.readAll(range)) {
    for (const event of batch) {
      if (asOf !== undefined && isLater(event, asOf)) continue
      const failed = fold.apply(event)
      if (failed) parked.push(failed)
    }
    events += batch.length
    onProgress?.(events, batch.at(-1)!.position)
  }
  return { fold, parked, events }
}

/** A poll's opening is never too late: what was imported into it may have occurred long before. */
function isLater(event: RecordedEvent, asOf: string): boolean {
  const { occurredAt } = event.data as { occurredAt?: unknown }
  return event.type !== 'PollOpened' && typeof occurredAt === 'string' && occurredAt > asOf
}
