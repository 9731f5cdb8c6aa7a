import type { ReadAllOptions, RecordedEvent } from '../../src/events/event-log.ts'
import type { Append } from './history.ts'

/** What `readAll` of a log gives that holds these events and no others. */
export class MemoryLog {
  readonly events: readonly RecordedEvent[]
  /** How many events have been read, by everybody. */
  read = 0

  constructor(events: readonly RecordedEvent[]) {
    this.events = events
  }

  get head(): bigint {
    return this.events.at(-1)?.position ?? 0n
  }

  async *readAll({ after, upTo = this.head, signal }: ReadAllOptions): AsyncGenerator<RecordedEvent[]> {
    const events = this.events.filter(({ position }) => position > after && position <= upTo)
    for (let n = 0; n < events.length; n += 3) {
      signal?.throwIfAborted()
      const batch = events.slice(n, n + 3)
      this.read += batch.length
      yield batch
    }
  }
}

/**
 * A history as it would stand in a log, appends that a log would refuse included once.
 * @param times occurredAt of each event in turn, whatever its place; left out: as the history has it
 */
export function recorded(appends: readonly Append[], times: readonly string[] = []): RecordedEvent[] {
  const known = new Set<string>()
  return appends
    .flatMap(({ stream, events, expectedRevision }) =>
      events.map((event, index) => ({ ...event, stream, revision: expectedRevision + 1 + index })),
    )
    .filter(({ id }) => !known.has(id) && known.add(id))
    .map((event, index) => ({
      ...event,
      data: times.length > 0 ? { ...event.data, occurredAt: times[index % times.length] } : event.data,
      metadata: {},
      position: BigInt(index + 1),
      recordedAt: '2026-01-01T00:00:00.000Z',
    }))
}
