import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { endingOf } from '../../postgres/end-client.ts'
import { type PoolUse, useOf } from '../../postgres/pool-use.ts'
import { yieldBackend, yieldHalf } from '../../postgres/yielding-backend.ts'
import {
  type AppendOutcome,
  type EventLog,
  EventLogUnavailable,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type RecordedEvent,
  type SubscribeOptions,
} from '../event-log.ts'
import type { LogMarks } from '../log-marks.ts'
import type { EventBatch } from '../submitted-run.ts'
import { Archives } from './archive/archive-file.ts'
import { Committer } from './committer.ts'
import { wakeUps } from './follow.ts'
import { isLost } from './lost-connection.ts'
import { postgresMarks } from './postgres-marks.ts'
import { type LogSource, readArchivedAt, readRange, wasDropped } from './read-range.ts'
import { EVENTS_PER_COPY } from './read-rows.ts'
import { COLUMNS, StoredRow, TYPE } from './stored-row.ts'

export interface PostgresEventLogOptions {
  readonly databaseUrl: string
  /** Where the months are that were archived; undefined: none has been dropped. */
  readonly archiveDir?: string | undefined
  /** The time that events are recorded at; the server's if left out. */
  readonly now?: () => Date
  /** How long an append or a read may wait for the server, milliseconds. */
  readonly deadlineMs?: number
  /** Told after each commit how many appends went together. */
  readonly onCommit?: (appends: number) => void
  /**
   * How the server's processes that read for it make way for others, where they are on this machine; unset: not at all.
   * `half`: they keep to half of the processors, too.
   */
  readonly makesWay?: 'yields' | 'half' | undefined
}

const RETRY_MS = 200

/**
 * The event log in the PostgreSQL table `events`, and in the archives of the months that were dropped from it. The schema
 * comes from `migrate`.
 */
export class PostgresEventLog implements EventLog {
  readonly marks: LogMarks
  readonly #databaseUrl: string
  readonly #deadlineMs: number
  readonly #pool: pg.Pool
  readonly #endPool: () => Promise<void>
  readonly #source: LogSource
  readonly #committer: Committer

  constructor({
    databaseUrl,
    archiveDir,
    now,
    deadlineMs = 5000,
    onCommit,
    makesWay,
  }: PostgresEventLogOptions) {
    this.#databaseUrl = databaseUrl
    this.#deadlineMs = deadlineMs
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'taxbudget reader',
      max: 4,
      connectionTimeoutMillis: deadlineMs,
      keepAlive: true,
    })
    // A connection lost while idle is no event: the next query opens another.
    this.#pool.on('error', () => {})
    // A server that ends may say so in one breath with its welcome, before whoever gets the connection can listen.
    this.#pool.on('connect', (client) => client.on('error', () => {}))
    if (makesWay) this.#pool.on('connect', makesWay === 'half' ? yieldHalf : yieldBackend)
    this.#endPool = endingOf(this.#pool)
    this.#source = {
      pool: this.#pool,
      silenceMs: deadlineMs,
      query: (statement) => this.#pool.query({ ...statement, query_timeout: deadlineMs } as pg.QueryConfig),
      archives: new Archives(archiveDir),
    }
    this.marks = postgresMarks((text, values) => this.#query<[string, string]>(text, values))
    this.#committer = new Committer({
      databaseUrl,
      deadlineMs,
      ...(now && { now }),
      ...(onCommit && { onCommit }),
    })
  }

  append(stream: string, events: readonly NewEvent[], expectedRevision: number): Promise<AppendOutcome> {
    if (events.length === 0) throw new RangeError('an append needs at least one event')
    return this.#committer.append(stream, events, expectedRevision)
  }

  async readStream(stream: string): Promise<RecordedEvent[]> {
    const rows = await this.#streamRows(stream).catch((error: unknown) => {
      // A month of it was dropped at this very moment.
      if (wasDropped(error)) return this.#streamRows(stream)
      throw error
    })
    const archived = rows.filter(isArchived).map(([position]) => BigInt(position!))
    const events = rows.filter((fields) => !isArchived(fields)).map((fields) => new StoredRow(fields))
    if (archived.length === 0) return events
    return [...(await this.#guarded(() => readArchivedAt(this.#source, archived))), ...events]
  }

  #streamRows(stream: string): Promise<string[][]> {
    return this.#query<string[]>(`select ${COLUMNS} from read_stream($1) order by revision`, [stream])
  }

  async *readAll({ after, upTo, ...options }: ReadAllOptions): AsyncGenerator<EventBatch> {
    const end = upTo ?? (await this.head())
    try {
      yield* readRange(this.#source, after, end, options)
    } catch (error) {
      throw options.signal?.aborted ? error : unavailable(error)
    }
  }

  async *subscribe({
    after,
    signal,
    onConnection = () => {},
  }: SubscribeOptions): AsyncGenerator<RecordedEvent[]> {
    let position = after
    for await (const _ of wakeUps(this.#databaseUrl, signal, onConnection)) {
      try {
        // Positions have no gaps, so a COPY that comes to its end has reached the end of the log, or is full.
        let full: Position
        do {
          full = position + EVENTS_PER_COPY
          for await (const events of readRange(this.#source, position, full, { signal })) {
            yield events
            position = events.at(-1)!.position
          }
        } while (position === full)
      } catch (error) {
        if (signal.aborted) return
        if (!isLost(error)) throw error
        onConnection(error as Error)
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  async head(): Promise<Position> {
    const rows = await this.#query<[string]>('select coalesce(max(position), 0) from event_places')
    return BigInt(rows[0]![0])
  }

  /** Of those who read. */
  get use(): PoolUse {
    return useOf(this.#pool)
  }

  async close(): Promise<void> {
    await Promise.all([this.#committer.close(), this.#endPool()])
  }

  /** Rows as lists of the server's own text, as COPY gives them. */
  async #query<Row extends string[]>(text: string, values: unknown[] = []): Promise<Row[]> {
    const query = { text, values, rowMode: 'array' as const, types: asText, query_timeout: this.#deadlineMs }
    return await this.#guarded(async () => (await this.#pool.query<Row>(query)).rows)
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw unavailable(error)
    }
  }
}

/** `read_stream` knows no more of an event whose month was dropped than its place. */
const isArchived = (fields: readonly (string | null)[]): boolean => fields[TYPE] === null

const asText = { getTypeParser: () => (text: string) => text }

const unavailable = (error: unknown): unknown =>
  isLost(error) && !(error instanceof EventLogUnavailable)
    ? new EventLogUnavailable((error as Error).message, { cause: error })
    : error
