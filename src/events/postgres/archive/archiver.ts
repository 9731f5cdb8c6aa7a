import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { holdAdvisoryLock, locks } from '../../../postgres/advisory-lock.ts'
import { endingOf } from '../../../postgres/end-client.ts'
import { ArchiveDiffers, ArchiverAtWork, type LogArchive, type MonthOfLog } from '../../log-archive.ts'
import { type LogMonth, listMonths } from '../months.ts'
import { Archives } from './archive-file.ts'
import { type ArchiveOptions, archiveMonth } from './archive-month.ts'

/** A COPY of which nothing has come for so long is lost. */
const SILENCE_MS = 60_000
const LOCK_WITHIN_MS = 3000
/** Whoever reads the partition longer keeps it. */
const DROP_TRIES = 120
const DROP_AGAIN_MS = 500
const LOCK_NOT_AVAILABLE = '55P03'
const RAISED = 'P0001'

export interface ArchiverOptions {
  readonly databaseUrl: string
  readonly archiveDir: string
}

/** Archives the log in PostgreSQL. */
export class Archiver implements LogArchive {
  readonly folder: string
  readonly #databaseUrl: string
  readonly #pool: pg.Pool
  readonly #endPool: () => Promise<void>

  constructor({ databaseUrl, archiveDir }: ArchiverOptions) {
    this.folder = archiveDir
    this.#databaseUrl = databaseUrl
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'taxbudget archiver',
      max: 2,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    })
    // A connection lost while idle is no event: the next query opens another.
    this.#pool.on('error', () => {})
    this.#endPool = endingOf(this.#pool)
  }

  async months(): Promise<MonthOfLog[]> {
    const [months, sizes, { now, head }] = await Promise.all([this.#list(), this.#sizes(), this.#moment()])
    return months.map(({ month, first, last, table, archive, dropped }) => ({
      month,
      first,
      until: last ?? head,
      over: last !== undefined || month < now,
      size: sizes.get(table) ?? 0,
      archive,
      dropped,
    }))
  }

  async alone<Result>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const patience = AbortSignal.timeout(LOCK_WITHIN_MS)
    const waiting = AbortSignal.any([signal, patience])
    const held = await holdAdvisoryLock(this.#databaseUrl, locks.archive, waiting).catch((error: unknown) => {
      const taken = patience.aborted && !signal.aborted
      throw taken ? new ArchiverAtWork('Somebody else is archiving: try again later.') : error
    })
    try {
      return await work(AbortSignal.any([signal, held.lost]))
    } finally {
      await held.release()
    }
  }

  async archive(name: string, options: Omit<ArchiveOptions, 'folder'>): Promise<void> {
    let month = await this.#month(name)
    if (month.last === undefined) {
      // Nothing was appended since it was over: the next one begins, so that this one is whole.
      await this.#pool.query('select begin_log_month()')
      month = await this.#month(name)
    }
    const source = { pool: this.#pool, silenceMs: SILENCE_MS }
    await archiveMonth(source, month, { ...options, folder: this.folder })
  }

  async drop(name: string, signal: AbortSignal): Promise<void> {
    const { archive } = await this.#month(name)
    if (!archive) throw new ArchiveDiffers(`the month ${name} is not archived`)
    await new Archives(this.folder).check(archive)
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted()
      try {
        await this.#pool.query('select drop_log_month($1, $2)', [`${name}-01`, archive.sha256])
        return
      } catch (error) {
        const { code, message } = error as pg.DatabaseError
        if (code === RAISED) throw new ArchiveDiffers(message, { cause: error })
        if (code !== LOCK_NOT_AVAILABLE || tries === DROP_TRIES) throw error
      }
      await sleep(DROP_AGAIN_MS, undefined, { signal })
    }
  }

  close(): Promise<void> {
    return this.#endPool()
  }

  #list(): Promise<LogMonth[]> {
    return listMonths((statement) => this.#pool.query(statement))
  }

  async #month(name: string): Promise<LogMonth> {
    const month = (await this.#list()).find((each) => each.month === name)
    if (!month) throw new ArchiveDiffers(`the log has no month ${name}`)
    return month
  }

  /** Partition → bytes, indexes included. */
  async #sizes(): Promise<Map<string, number>> {
    const { rows } = await this.#pool.query<{ name: string; size: string }>(
      `select inhrelid::regclass::text as name, pg_total_relation_size(inhrelid) as size
         from pg_inherits where inhparent = 'events'::regclass`,
    )
    return new Map(rows.map(({ name, size }) => [name, Number(size)]))
  }

  async #moment(): Promise<{ now: string; head: bigint }> {
    const { rows } = await this.#pool.query<{ now: string; head: string }>(
      `select to_char(log_month(clock_timestamp()), 'YYYY-MM') as now,
              (select coalesce(max(position), 0) from event_places) as head`,
    )
    return { now: rows[0]!.now, head: BigInt(rows[0]!.head) }
  }
}
