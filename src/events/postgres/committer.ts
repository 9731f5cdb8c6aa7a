/**
 * Group commit: appends that arrive while a commit is under way go together in the next one, with one round trip and
 * one fsync. One committer at a time writes (the lock is in `append_events`); the second lane has its batch sent and
 * parsed by then.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { endClient } from '../../postgres/end-client.ts'
import {
  type AppendOutcome,
  EventLogUnavailable,
  type NewEvent,
  type Position,
  WrongExpectedRevision,
} from '../event-log.ts'
import { isLost } from './lost-connection.ts'

interface PendingAppend {
  readonly stream: string
  readonly size: number
  /** Its part of each argument of `append_events`. */
  readonly columns: readonly string[]
  readonly expected: number
  /** After this time (ms since the epoch) its outcome is reported as unknown. */
  readonly deadline: number
  readonly resolve: (outcome: AppendOutcome) => void
  readonly reject: (error: Error) => void
}

/** A group that was not written, as `append_events` reports it. */
interface Refused {
  readonly stream: string
  readonly actual: number
  readonly position: number | null
}

export interface CommitterOptions {
  readonly databaseUrl: string
  /** How long an append may take, lost connections and repeats included. */
  readonly deadlineMs: number
  /** The time that events are recorded at; the server's if left out. */
  readonly now?: () => Date
  /** Told after each commit how many appends went together. */
  readonly onCommit?: (appends: number) => void
}

const LANES = 2
const EVENTS_PER_COMMIT = 1000
const MAX_PENDING = 20_000
const RETRY_MS = 100
/** So long may pending appends take when the log is closed. */
const CLOSING_MS = 1000

const APPEND = {
  name: 'append_events',
  text: 'select base, refused from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9)',
}

export class Committer {
  readonly #options: CommitterOptions
  #pending: PendingAppend[] = []
  readonly #clients: (pg.Client | undefined)[] = Array.from({ length: LANES }, () => undefined)
  readonly #idleLanes: number[] = Array.from({ length: LANES }, (_, lane) => lane)
  #scheduled = false
  #closed = false
  #abandoned = false
  #onIdle: (() => void) | undefined

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  append(stream: string, events: readonly NewEvent[], expected: number): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new EventLogUnavailable('the event log is closed'))
      if (this.#pending.length >= MAX_PENDING)
        return reject(new EventLogUnavailable(`${MAX_PENDING} appends are waiting already`))
      const deadline = Date.now() + this.#options.deadlineMs
      const columns = columnsOf(stream, events, expected)
      this.#pending.push({ stream, size: events.length, columns, expected, deadline, resolve, reject })
      this.#schedule()
    })
  }

  /** Lets pending appends finish, then disconnects. What a silent server keeps waiting is told that it has failed. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#idleLanes.length < LANES || this.#pending.length > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
      await Promise.race([idle, sleep(CLOSING_MS)])
      this.#abandon()
      await idle
    }
    await Promise.all(this.#clients.map((client) => client && endClient(client)))
  }

  #abandon(): void {
    this.#abandoned = true
    for (const append of this.#pending) append.reject(new EventLogUnavailable('the event log is closed'))
    this.#pending = []
    for (const lane of this.#clients.keys()) if (!this.#idleLanes.includes(lane)) this.#drop(lane)
  }

  /** Waits for the end of this turn of the event loop, so that what comes in together is committed together. */
  #schedule(): void {
    if (this.#scheduled || this.#idleLanes.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const batch = this.#takeBatch()
      const lane = batch.length > 0 ? this.#idleLanes.pop() : undefined
      if (lane !== undefined) void this.#run(lane, batch)
    })
  }

  async #run(lane: number, batch: PendingAppend[]): Promise<void> {
    try {
      await this.#commit(lane, batch)
    } catch (error) {
      if (isLost(error)) {
        this.#drop(lane)
        await this.#retryLater(batch, error as Error)
      } else await this.#commitOneByOne(lane, batch, error as Error)
    }
    this.#idleLanes.push(lane)
    if (this.#pending.length > 0) this.#schedule()
    else if (this.#idleLanes.length === LANES) this.#onIdle?.()
  }

  /** From the front, at most one append for a stream: a later one depends on the earlier one's outcome. */
  #takeBatch(): PendingAppend[] {
    const streams = new Set<string>()
    const batch: PendingAppend[] = []
    const left: PendingAppend[] = []
    let events = 0
    for (const append of this.#pending) {
      const fits = events === 0 || events + append.size <= EVENTS_PER_COMMIT
      if (fits && !streams.has(append.stream)) {
        streams.add(append.stream)
        batch.push(append)
        events += append.size
      } else left.push(append)
    }
    this.#pending = left
    return batch
  }

  async #commit(lane: number, batch: readonly PendingAppend[]): Promise<void> {
    const client = await this.#client(lane)
    const { rows } = await client.query({
      ...APPEND,
      values: [...joinColumns(batch), this.#options.now?.() ?? null],
    })
    this.#options.onCommit?.(batch.length)
    settle(batch, BigInt(rows[0].base), rows[0].refused ?? [])
  }

  /** One of them cannot be stored at all: only that one is told so. */
  async #commitOneByOne(lane: number, batch: readonly PendingAppend[], error: Error): Promise<void> {
    if (batch.length === 1) return batch[0]!.reject(error)
    for (const append of batch)
      await this.#commit(lane, [append]).catch((reason: Error) =>
        isLost(reason) ? this.#retryLater([append], reason) : append.reject(reason),
      )
  }

  /** Whether they were written is not known. Repeating them is safe: the same ids at the same revision write once. */
  async #retryLater(batch: readonly PendingAppend[], cause: Error): Promise<void> {
    const now = this.#abandoned ? Number.POSITIVE_INFINITY : Date.now()
    const [hopeful, late] = [batch.filter((a) => a.deadline > now), batch.filter((a) => a.deadline <= now)]
    for (const append of late)
      append.reject(new EventLogUnavailable(`the event log did not answer: ${cause.message}`, { cause }))
    this.#pending.unshift(...hopeful)
    if (hopeful.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }

  /** A server that has gone silent answers nothing more on this connection: the next attempt opens another. */
  #drop(lane: number): void {
    const client = this.#clients[lane]
    this.#clients[lane] = undefined
    client?.connection.stream.destroy()
  }

  async #client(lane: number): Promise<pg.Client> {
    if (this.#abandoned) throw new EventLogUnavailable('the event log is closed')
    const known = this.#clients[lane]
    if (known) return known
    const { databaseUrl, deadlineMs } = this.#options
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'taxbudget event log',
      connectionTimeoutMillis: deadlineMs,
      query_timeout: deadlineMs,
      keepAlive: true,
    })
    const forget = () => {
      if (this.#clients[lane] === client) this.#clients[lane] = undefined
    }
    client.on('error', forget)
    client.on('end', forget)
    this.#clients[lane] = client
    try {
      await client.connect()
      // Acknowledged means durable, whatever the server's default.
      await client.query('set synchronous_commit = on')
      return client
    } catch (error) {
      this.#drop(lane)
      throw error
    }
  }
}

/** What one append adds to each argument of `append_events`: a line per event. JSON has no raw line feeds. */
function columnsOf(stream: string, events: readonly NewEvent[], expected: number): string[] {
  const rows = events.map((event, index) => columnsOfOne(stream, event, expected, index))
  return rows.length === 1 ? rows[0]! : rows[0]!.map((_, column) => rows.map((row) => row[column]).join('\n'))
}

function columnsOfOne(stream: string, event: NewEvent, expected: number, index: number): string[] {
  const { id, type, schemaVersion, data, metadata } = event
  // A line feed in a name would shift every line after it.
  if (stream.includes('\n') || id.includes('\n') || type.includes('\n'))
    throw new RangeError(`a line feed in a name: ${JSON.stringify([stream, id, type])}`)
  return [
    stream,
    String(expected),
    String(expected + 1 + index),
    id,
    type,
    String(schemaVersion),
    JSON.stringify(data),
    metadata ? JSON.stringify(metadata) : '',
  ]
}

const joinColumns = (batch: readonly PendingAppend[]): string[] =>
  batch[0]!.columns.map((_, index) => batch.map((append) => append.columns[index]).join('\n'))

function settle(batch: readonly PendingAppend[], base: Position, refused: readonly Refused[]): void {
  const byStream = new Map(refused.map((group) => [group.stream, group]))
  let position = base
  for (const { stream, size, expected, resolve, reject } of batch) {
    const group = byStream.get(stream)
    const revision = expected + size
    if (!group) {
      position += BigInt(size)
      resolve({ revision, position, repeated: false })
    } else if (group.position !== null)
      resolve({ revision, position: BigInt(group.position), repeated: true })
    else reject(new WrongExpectedRevision(stream, expected, group.actual))
  }
}
