/** How a batch of events is written into messages of the bus. */
import type { EventBatch } from '../bus.ts'
import type { Position, RecordedEvent } from '../event-log.ts'

/** Consecutive events that fit into one message. */
export interface BatchMessage {
  readonly previous: Position
  readonly last: Position
  /** A JSON array of events, each an array of its fields. */
  readonly body: string
  /** W3C trace contexts that came with the requests behind the events; the first few. */
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
  let [texts, traceparents, bytes, before, last] = [[] as string[], [] as string[], 0, previous, previous]
  const end = () => {
    if (texts.length > 0) messages.push({ previous: before, last, body: `[${texts.join()}]`, traceparents })
    ;[texts, traceparents, bytes, before] = [[], [], 0, last]
  }
  for (const event of events) {
    const { metadata } = event
    const text = write(event, metadata)
    const size = Buffer.byteLength(text) + 2
    if (bytes + size > maxBytes) end()
    last = event.position
    if (size > maxBytes) before = last
    else {
      texts.push(text)
      bytes += size
      if (metadata.traceparent && traceparents.length < MAX_TRACEPARENTS)
        traceparents.push(metadata.traceparent)
    }
  }
  end()
  return messages
}

const write = (event: RecordedEvent, metadata: RecordedEvent['metadata']): string =>
  JSON.stringify([
    String(event.position),
    event.stream,
    event.revision,
    event.id,
    event.type,
    event.schemaVersion,
    event.data,
    metadata,
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
