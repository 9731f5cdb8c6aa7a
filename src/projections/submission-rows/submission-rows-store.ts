import { buffer } from 'node:stream/consumers'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Position } from '../../events/event-log.ts'
import { ClientPool } from '../../postgres/client-pool.ts'
import type { RowsAt, SubmissionRow, SubmissionRows } from '../submission-rows.ts'
import { decodeRows, READ_COLUMNS } from './decode-rows.ts'
import { aggregateRows, type RowsAggregate } from './rows-aggregates.ts'
import { SUBMISSIONS } from './write-rows.ts'

/** Rows in one COPY, which is read to its end before any is handed on: a slow reader holds no connection. */
const ROWS_PER_COPY = 10_000
/** Rows in a batch: so many are decoded in one go before others have their turn. */
const ROWS_PER_BATCH = 1000
/** One COPY may have to pass over millions of rows that did not count then. */
const COPY_DEADLINE_MS = 60_000
const LOOK_UP_DEADLINE_MS = 5000
/** Of a thread: several read side by side. */
const CONNECTIONS = 2
/** Adding up reads every row. */
const ADD_UP_DEADLINE_MS = 600_000

const ANEW = 'the submissions have been made anew meanwhile'

/** One value of a submission, as its owner is told of it. */
export interface OwnRow extends SubmissionRow {
  readonly poll: string
}

export interface SubmissionRowsStoreOptions {
  /** How long one of many COPYs may take, milliseconds. */
  readonly copyMs?: number
}

interface LiveVersion {
  readonly version: number
  readonly checkpoint: Position
}

/** Reads the table `submission_rows`, of the live version. */
export class SubmissionRowsStore implements SubmissionRows {
  readonly #pool: ClientPool
  readonly #copyMs: number

  constructor(pool: ClientPool, { copyMs = COPY_DEADLINE_MS }: SubmissionRowsStoreOptions = {}) {
    this.#pool = pool
    this.#copyMs = copyMs
  }

  /** For a thread, which cannot be handed a pool. */
  static open(databaseUrl: string): SubmissionRowsStore {
    return new SubmissionRowsStore(
      new ClientPool({ databaseUrl, name: 'taxbudget exports', size: CONNECTIONS }),
    )
  }

  async checkpoint(): Promise<Position> {
    return (await this.live()).checkpoint
  }

  /**
   * @param options.version the one that must be live
   * @throws {RangeError} if the rows have not come to `at.position` yet, or `at.asOf` is no time
   * @throws if another version of the rows becomes the live one meanwhile: ask again
   */
  async *rows(
    poll: string,
    at: RowsAt,
    options: {
      readonly after?: Position
      readonly limit?: number
      readonly version?: number | undefined
      readonly signal?: AbortSignal
    } = {},
  ): AsyncGenerator<readonly SubmissionRow[]> {
    const { version, checkpoint } = await this.live()
    if (version !== (options.version ?? version)) throw new Error(ANEW)
    if (at.position > checkpoint)
      throw new RangeError(`the submissions are at position ${checkpoint}, not at ${at.position} yet`)
    const which = whatCounted(version, poll, at)
    let { after = 0n, limit = Number.POSITIVE_INFINITY } = options
    // What counted at a position never changes, so one COPY after the other gives what a single one would, without
    // keeping the database from cleaning up for as long as the slowest reader takes.
    for (let size = ROWS_PER_COPY; size === ROWS_PER_COPY && limit > 0; ) {
      const count = Math.min(ROWS_PER_COPY, limit)
      const answer = await this.#copy(
        `select ${READ_COLUMNS} from submission_rows where ${which} and from_position > ${after} order by from_position limit ${count}`,
        options.signal,
      )
      size = 0
      for (const batch of decodeRows(answer, ROWS_PER_BATCH)) {
        options.signal?.throwIfAborted()
        size += batch.length
        after = batch.at(-1)!.position
        yield batch
      }
      limit -= size
    }
    // The old one may have been taken away: what was missing then would not be noticed.
    if ((await this.live()).version !== version) throw new Error(ANEW)
  }

  /** What counts of the holder of a pseudonym: one row, or none. */
  async byPseudonym(pseudonym: string): Promise<OwnRow[]> {
    if (!/^[0-9a-f]{32}$/.test(pseudonym)) return []
    const { version } = await this.live()
    return await this.#query(
      `select poll, from_position, submitted_at, changed_at, shares from submission_rows
        where version = $1 and pseudonym = $2 and to_position is null order by from_position`,
      [version, pseudonym],
      (row) => ({
        poll: row.poll,
        position: BigInt(row.from_position),
        pseudonym,
        submittedAt: row.submitted_at.toISOString(),
        changedAt: row.changed_at.toISOString(),
        shares: row.shares,
      }),
    )
  }

  /**
   * What the rows that counted at a position add up to, by poll; a poll without rows is missing. O(rows).
   * @param wanted the version; the live one if left out
   */
  async aggregates(position: Position, wanted?: number): Promise<Map<string, RowsAggregate>> {
    const version = wanted ?? (await this.live()).version
    const query = (text: string, values: readonly unknown[]) =>
      this.#pool.lend(async (client) => (await client.query(text, [...values])).rows, {
        deadlineMs: ADD_UP_DEADLINE_MS,
      })
    return await aggregateRows(query, version, position)
  }

  /** What is read, and how far it has come. */
  async live(): Promise<LiveVersion> {
    const [live] = await this.#query(
      `select version, position from projections where name = $1 and status = 'live'`,
      [SUBMISSIONS],
      ({ version, position }): LiveVersion => ({ version, checkpoint: BigInt(position) }),
    )
    return live!
  }

  // biome-ignore lint/suspicious/noExplicitAny: a row is what its statement says
  async #query<T>(text: string, values: unknown[], map: (row: any) => T): Promise<T[]> {
    const options = { deadlineMs: LOOK_UP_DEADLINE_MS }
    return await this.#pool.lend(async (client) => (await client.query(text, values)).rows.map(map), options)
  }

  async #copy(statement: string, signal: AbortSignal | undefined): Promise<Buffer> {
    return await this.#pool.lend(
      (client) => buffer(client.query(copyTo(`copy (${statement}) to stdout (format binary)`))),
      { deadlineMs: this.#copyMs, signal },
    )
  }
}

/** COPY takes no parameters: what is written out is escaped, or a number. */
function whatCounted(version: number, poll: string, { position, asOf }: RowsAt): string {
  const before = (column: string, time: string) => `${column} <= ${pg.escapeLiteral(time)}`
  const time = asOf === undefined ? undefined : new Date(asOf).toISOString()
  const hadEnded = [`to_position <= ${position}`, ...(time ? [before('to_time', time)] : [])].join(' and ')
  return [
    `version = ${version} and poll = ${pg.escapeLiteral(poll)} and from_position <= ${position}`,
    ...(time ? [before('changed_at', time)] : []),
    `(to_position is null or not (${hadEnded}))`,
  ].join(' and ')
}
