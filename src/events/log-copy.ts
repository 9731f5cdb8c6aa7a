/** The port for a whole log to the letter: taking it out for a backup, and putting it in again. */
import type { EventLog, Position, RecordedEvent } from './event-log.ts'

/** An event as the log stores it, every column exactly. */
export interface ExactEvent {
  readonly position: Position
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  /** JSON. */
  readonly data: string
  /** JSON: a flat object of texts. */
  readonly metadata: string | null
  /** Microseconds since 1970. */
  readonly recordedAt: bigint
}

/** Consecutive events of one month. */
export interface ExactBatch {
  /** The month of the log that they belong to, in UTC: `2026-10`. Never before that of an earlier batch. */
  readonly month: string
  readonly events: readonly ExactEvent[]
}

/** A month of the log and the positions that it has. */
export interface CopiedMonth {
  readonly month: string
  readonly first: Position
  readonly last: Position
}

export interface LogCopy {
  readonly kind: 'postgres' | 'eventstore'

  /** Everything up to a position, in order, wherever it is kept. @throws {EventLogUnavailable} if some of it is missing */
  read(upTo: Position, signal: AbortSignal): AsyncIterable<ExactBatch>

  /**
   * Why nothing can be put in: in a sentence; undefined if the log is empty and so is what is made from it.
   */
  obstacle(): Promise<string | undefined>

  /**
   * Puts a whole log in, exactly as it was: all of it or, whatever happens, nothing.
   * @param months what the events belong to, in order
   * @throws {LogNotEmpty}
   */
  fill(months: readonly CopiedMonth[], events: AsyncIterable<readonly ExactEvent[]>): Promise<void>

  close(): Promise<void>
}

/** There is something already that a restored log would have to be mixed with. */
export class LogNotEmpty extends Error {
  override readonly name = 'LogNotEmpty'
}

/** An event as every reader of a log knows it. */
export const recordedOf = (event: ExactEvent): RecordedEvent => ({
  ...event,
  data: JSON.parse(event.data),
  metadata: event.metadata === null ? {} : JSON.parse(event.metadata),
  recordedAt: new Date(Number(event.recordedAt / 1000n)).toISOString(),
})

/** The copy of a log of which nothing is known but the port: it can be read, and not be filled. */
export class ReadOnlyCopy implements LogCopy {
  readonly kind = 'eventstore'
  readonly #log: Pick<EventLog, 'readAll'>

  constructor(log: Pick<EventLog, 'readAll'>) {
    this.#log = log
  }

  async *read(upTo: Position, signal: AbortSignal): AsyncGenerator<ExactBatch> {
    let month = ''
    for await (const events of this.#log.readAll({ after: 0n, upTo, signal })) {
      let batch: ExactEvent[] = []
      for (const event of events) {
        // A clock that was put back goes on with the newest month.
        const its = event.recordedAt.slice(0, 7)
        if (its > month) {
          if (batch.length > 0) yield { month, events: batch }
          ;[month, batch] = [its, []]
        }
        batch.push(exactOf(event))
      }
      if (batch.length > 0) yield { month, events: batch }
    }
  }

  async obstacle(): Promise<string> {
    return (
      'The event log of these settings is in EventStoreDB, which hands out positions of its own: a restored log could ' +
      'not have the positions that it had. Restore EventStoreDB from a backup of its own (its data folder, chk files ' +
      'first), or unset EVENT_STORE_URL to restore into PostgreSQL.'
    )
  }

  async fill(): Promise<never> {
    throw new LogNotEmpty(await this.obstacle())
  }

  async close(): Promise<void> {}
}

const exactOf = ({ data, metadata, recordedAt, ...event }: RecordedEvent): ExactEvent => ({
  position: event.position,
  stream: event.stream,
  revision: event.revision,
  id: event.id,
  type: event.type,
  schemaVersion: event.schemaVersion,
  data: JSON.stringify(data),
  metadata: Object.keys(metadata).length === 0 ? null : JSON.stringify(metadata),
  recordedAt: BigInt(Date.parse(recordedAt)) * 1000n,
})
