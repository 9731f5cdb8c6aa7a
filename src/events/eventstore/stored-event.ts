/** How our events are kept in EventStoreDB: JSON, and in its metadata what EventStoreDB has no field for. */
import type { NewEvent, Position, RecordedEvent } from '../event-log.ts'

/** Metadata of one of our events as it is stored. */
export interface StoredMetadata {
  readonly schemaVersion: number
  /** The call of `append` that wrote it; tells the first outcome from a repeated one. */
  readonly append: string
  readonly context?: Readonly<Record<string, string>>
}

/** The part of the client's recorded event that is read here. */
export interface StoredRecord {
  readonly streamId: string
  readonly revision: bigint
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly metadata?: unknown
  readonly created: Date
  readonly position?: { readonly commit: bigint } | undefined
}

/** What the client reads, from a stream or from $all. */
export interface StoredItem {
  readonly event?: StoredRecord
  readonly commitPosition?: bigint
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** What is handed to the client for one event. @throws {RangeError} when the id is no UUID */
export function toStored({ id, type, schemaVersion, data, metadata }: NewEvent, append: string) {
  // The server would refuse it too, in words that look like an unknown outcome.
  if (!UUID.test(id)) throw new RangeError(`not a UUID: ${JSON.stringify(id)}`)
  const stored: StoredMetadata = { schemaVersion, append, ...(metadata && { context: metadata }) }
  return { id, type, data: data as Record<string, unknown>, metadata: { ...stored } }
}

/** A stored event as the port gives it; `prefix` stands before the names of all streams. */
export function toRecorded(item: StoredItem, prefix: string): RecordedEvent {
  const record = item.event!
  const { schemaVersion, context } = metadataOf(record)
  return {
    position: positionOf(item),
    stream: record.streamId.slice(prefix.length),
    revision: Number(record.revision),
    id: record.id,
    type: record.type,
    schemaVersion: schemaVersion ?? 1,
    data: record.data,
    metadata: context ?? {},
    recordedAt: record.created.toISOString(),
  }
}

/** Events of one append share a prepare position on some servers; commit positions are each event's own. */
export const positionOf = ({ event, commitPosition }: StoredItem): Position =>
  event?.position?.commit ?? commitPosition!

export const metadataOf = (record: StoredRecord): Partial<StoredMetadata> =>
  (record.metadata ?? {}) as Partial<StoredMetadata>
