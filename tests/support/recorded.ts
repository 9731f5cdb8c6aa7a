import type { RecordedEvent } from '../../src/events/event-log.ts'
import type { Append } from './history.ts'

/** What a log has recorded after these appends: a repeated one changes nothing. */
export function recorded(appends: readonly Append[]): RecordedEvent[] {
  const ids = new Set<string>()
  const events: RecordedEvent[] = []
  for (const { stream, expectedRevision, events: appended } of appends)
    for (const [index, event] of appended.entries()) {
      if (ids.has(event.id)) continue
      ids.add(event.id)
      const position = BigInt(events.length + 1)
      const revision = expectedRevision + 1 + index
      events.push({
        ...event,
        stream,
        revision,
        position,
        metadata: {},
        recordedAt: '2026-01-01T00:00:00.000Z',
      })
    }
  return events
}
