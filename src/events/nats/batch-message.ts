/** How a batch of events is written into messages of the bus. */
import type { EventBatch } from '../bus.ts'
import type { Position, RecordedEvent } from '../event-log.ts'
import { type Mark, markOf } from '../log-marks.ts'
import { traceparentsOf } from '../trace-context.ts'

/** Consecutive events that fit into one message. */
export interface BatchMessage {
  readonly previous: Position
  readonly last: Position
  /** Of the last event. */
  readonly mark: Mark
  /** A JSON array of events, each an array of its fields. */
  readonly body: string
  /** W3C trace contexts that came with the requests behind the events; a few. */
  readonly traceparents: readonly string[]
}

/** Headers have little room, and every event has its own in its metadata. */
const MAX_TRACEPARENTS = 8

/**
 * Cuts a batch into messages of at most `maxBytes` bytes. An event that alone is larger is left out: whoever misses
 * it reads it from the log.
 */
export function messagesOf({ previous, events }: EventBatch, maxBytes: number): BatchMessage[] {
  const messages: BatchMessage[] = []
  let [texts, bytes, before, last, first] = [[] as string[], 0, previous, previous, 0]
  const end = (next: number) => {
    if (texts.length > 0) {
      const traceparents = traceparentsOf(events.slice(first, next)).slice(0, MAX_TRACEPARENTS)
      const mark = markOf(events[next - 1]!)
      messages.push({ previous: before, last, mark, body: `[${texts.join()}]`, traceparents })
    }
    ;[texts, bytes, before, first] = [[], 0, last, next]
  }
  for (const [index, event] of events.entries()) {
    const text = write(event)
    const size = Buffer.byteLength(text) + 2
    if (bytes + size > maxBytes) end(index)
    last = event.position
    if (size > maxBytes) {
      before = last
      continue
    }
    texts.push(text)
    bytes += size
  }
  end(events.length)
  return messages
}

const write = (event: RecordedEvent): string =>
  JSON.stringify([
    String(event.position),
    event.stream,
    event.revision,
    event.id,
    event.type,
    event.schemaVersion,
    event.data,
    event.metadata,
    event.recordedAt,
  ])

type Fields = readonly [
  string,
  string,
  number,
  string,
  string,
  number,
  unknown,
  RecordedEvent['metadata'],
  string,
]

/** The events of a message. @throws if it is not one that `messagesOf` wrote */
export function eventsOf(body: string): readonly RecordedEvent[] {
  const events: unknown = JSON.parse(body)
  if (!Array.isArray(events) || events.length === 0) throw new Error('a message without events')
  return events.map((fields: Fields) => {
    const [position, stream, revision, id, type, schemaVersion, data, metadata, recordedAt] = fields
    if (typeof recordedAt !== 'string') throw new Error('a message with an event that lacks something')
    return {
      position: BigInt(position),
      stream,
      revision,
      id,
      type,
      schemaVersion,
      data,
      metadata,
      recordedAt,
    }
  })
}
