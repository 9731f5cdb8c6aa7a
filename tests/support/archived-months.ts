import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { archiveMonth } from '../../src/events/postgres/archive/archive-month.ts'
import { listMonths } from '../../src/events/postgres/months.ts'

/** A folder for archives, and the means to have months of a log begin, be archived and dropped at will. */
export class ArchivedMonths {
  readonly folder: string
  readonly pool: pg.Pool
  #now = new Date()

  private constructor(folder: string, pool: pg.Pool) {
    this.folder = folder
    this.pool = pool
  }

  static async open(databaseUrl: string): Promise<ArchivedMonths> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    pool.on('error', () => {})
    return new ArchivedMonths(await mkdtemp(join(tmpdir(), 'taxbudget-archive-')), pool)
  }

  /** The time that the log is told. */
  readonly now = (): Date => this.#now

  /** The next month begins; nothing needs to be appended for that. */
  async nextMonth(): Promise<void> {
    const now = this.#now
    this.#now = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
    await this.pool.query('select begin_log_month($1)', [this.#now])
  }

  /** Archives every month that is over and has not been archived. */
  async archive(): Promise<void> {
    const source = { pool: this.pool, silenceMs: 10_000 }
    const options = { folder: this.folder, signal: new AbortController().signal, onProgress: () => {} }
    for (const month of await this.months())
      if (month.last !== undefined && !month.archive) await archiveMonth(source, month, options)
  }

  /** Drops every month that is archived. */
  async drop(): Promise<void> {
    for (const { month, archive, dropped } of await this.months())
      if (archive && !dropped)
        await this.pool.query('select drop_log_month($1, $2)', [`${month}-01`, archive.sha256])
  }

  /** A month ends, and everything up to it is archived and dropped. */
  async turn(): Promise<void> {
    await this.nextMonth()
    await this.archive()
    await this.drop()
  }

  months() {
    return listMonths((statement) => this.pool.query(statement))
  }

  async close(): Promise<void> {
    await this.pool.end()
    await rm(this.folder, { recursive: true, force: true })
  }
}
