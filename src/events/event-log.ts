/**
 * The event-log port. Everything outside `src/events` sees only this file; adapters pass the
 * contract suite in `tests/contract/event-log.ts`.
 */

import type { EventBatch } from './submitted-run.ts'

/** Place of an event in the one total order of a log. Opaque but ordered; a decimal string in JSON. */
export type Position = bigint

/** Before the first event of any log. */
export const START: Position = 0n

/** The expected revision of a stream that must not exist yet. */
export const NO_STREAM = -1

/** An event as it is handed to `append`. */
export interface NewEvent {
  /** UUID. Appending the same id at the same expected revision again repeats, it does not append twice. */
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  readonly data: object
  readonly metadata?: Readonly<Record<string, string>>
}

/** An event as it stands in the log. `data` is parsed JSON of any schema version: decode it before use. */
export interface RecordedEvent {
  readonly position: Position
  readonly stream: string
  /** Zero-based place in the stream. */
  readonly revision: number
  readonly id: string
  readonly type: string
  readonly schemaVersion: number
  readonly data: unknown
  readonly metadata: Readonly<Record<string, string>>
  /** When the log took it, ISO 8601 in UTC. */
  readonly recordedAt: string
}

/** Where the last event of an append stands. */
export interface AppendOutcome {
  readonly revision: number
  readonly position: Position
  /** True if these very events were already there: nothing was written. */
  readonly repeated: boolean
}

export interface ReadAllOptions {
  /** Exclusive lower bound; `START` for everything. */
  readonly after: Position
  /** Inclusive upper bound; the head at the time of the call if left out. */
  readonly upTo?: Position
  readonly signal?: AbortSignal
  /**
   * For who counts and does not keep: a log that is quicker then may leave `id`, `metadata` and `recordedAt` empty, and
   * gives runs of submissions in columns besides.
   */
  readonly forFold?: boolean
}

export interface SubscribeOptions {
  /** Exclusive: the position already dealt with. */
  readonly after: Position
  /** Ends the subscription. */
  readonly signal: AbortSignal
  /** Called when the log is lost (with the error) and when it is back (with nothing). */
  readonly onConnection?: (error?: Error) => void
}

export interface EventLog {
  /**
   * Appends all `events` to `stream` or none. Resolves once they are durable and visible to every later read.
   * @param expectedRevision revision of the stream's last event, `NO_STREAM` if it must not exist.
   * @throws {WrongExpectedRevision} when the stream stands elsewhere and the events are not already there.
   * @throws {EventLogUnavailable} when the outcome could not be learnt in time: repeat with the same ids.
   */
  append(stream: string, events: readonly NewEvent[], expectedRevision: number): Promise<AppendOutcome>

  /** All events of one stream in order; empty if there is none. */
  readStream(stream: string): Promise<RecordedEvent[]>

  /** The log's events in commit order, in batches. A reader who saw position p never finds an event before p later. */
  readAll(options: ReadAllOptions): AsyncIterable<EventBatch>

  /** Catches up, then follows live; resumes by itself after a lost connection. Every event once, in order. */
  subscribe(options: SubscribeOptions): AsyncIterable<RecordedEvent[]>

  /** Position of the last event, `START` if the log is empty. */
  head(): Promise<Position>

  /** Waits for appends under way, then lets go of every connection. */
  close(): Promise<void>
}

/** The stream is not at the revision that the caller expected. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision'
  readonly stream: string
  readonly expected: number
  readonly actual: number

  constructor(stream: string, expected: number, actual: number) {
    super(`stream ${stream} is at revision ${actual}, not ${expected}`)
    this.stream = stream
    this.expected = expected
    this.actual = actual
  }
}

/** The log cannot be reached; whether an append under way took place is not known. */
export class EventLogUnavailable extends Error {
  override readonly name = 'EventLogUnavailable'
}
