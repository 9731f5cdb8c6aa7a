import type { EventLog, ReadAllOptions, RecordedEvent } from '../../src/events/event-log.ts'
import type { Append } from './history.ts'

/** The events as a log would hold them: what stands in it already, or does not follow, is not taken. */
export function recorded(appends: readonly Append[], first = 1n): RecordedEvent[] {
  const log: RecordedEvent[] = []
  const revisions = new Map<string, number>()
  for (const { stream, expectedRevision, events } of appends) {
    if ((revisions.get(stream) ?? -1) !== expectedRevision) continue
    for (const [index, event] of events.entries()) {
      const revision = expectedRevision + 1 + index
      const position = first + BigInt(log.length)
      log.push({ ...event, metadata: {}, stream, revision, position, recordedAt: '2026-01-02T00:00:00.000Z' })
      revisions.set(stream, revision)
    }
  }
  return log
}

/** As much of a log as a replay needs. */
export const readOnlyLog = (events: readonly RecordedEvent[]): Pick<EventLog, 'readAll'> => ({
  async *readAll({ after, upTo = events.at(-1)?.position ?? 0n }: ReadAllOptions) {
    const batch = events.filter(({ position }) => position > after && position <= upTo)
    if (batch.length > 0) yield batch
  },
})
