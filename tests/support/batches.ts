import type { EventBatch } from '../../src/events/bus.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'

/** A batch of small events at the positions from `first` to `last`, one after the other. */
export const batch = (first: number, last = first): EventBatch => ({
  previous: BigInt(first - 1),
  events: Array.from({ length: last - first + 1 }, (_, n): RecordedEvent => {
    const position = BigInt(first + n)
    return {
      position,
      stream: `s-${position}`,
      revision: 0,
      id: '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01',
      type: 'Tested',
      schemaVersion: 1,
      data: { n: first + n },
      metadata: { traceparent: '00-abc-def-01' },
      recordedAt: '2026-01-01T00:00:00.000Z',
    }
  }),
})
