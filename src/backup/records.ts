/** The table `backups`: what became of each, for `doctor` and for people. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { WrittenBackup } from './write-backup.ts'

/** What is written down of a backup that was verified. */
export interface Verified {
  readonly file: string
  readonly sha256: string | undefined
  readonly position: string | undefined
  readonly events: number | undefined
  readonly madeAt: string | undefined
  /** Whether it is one at all, whole or not: what is none is written down only where one was known to be. */
  readonly isBackup: boolean
  /** What was wrong, in a sentence; undefined: nothing. */
  readonly error: string | undefined
}

export class BackupRecords {
  readonly #databaseUrl: string

  constructor(databaseUrl: string) {
    this.#databaseUrl = databaseUrl
  }

  /** The newest migration of the database. */
  async schema(): Promise<string> {
    const rows = await this.#query<{ name: string }>('select name from migrations order by id desc limit 1')
    return rows[0]!.name
  }

  async made(file: string, { manifest, sha256 }: WrittenBackup): Promise<void> {
    const { position, events, madeAt } = manifest
    await this.#query(
      'insert into backups (id, file, sha256, position, events, made_at) values ($1, $2, $3, $4, $5, $6)',
      [randomUUID(), file, sha256, position, events, madeAt],
    )
  }

  async failed(file: string, error: string): Promise<void> {
    await this.#query('insert into backups (id, file, error) values ($1, $2, $3)', [
      randomUUID(),
      file,
      error,
    ])
  }

  /** Of a file that this database has not made, too. */
  async verified({ file, sha256, position, events, madeAt, isBackup, error }: Verified): Promise<void> {
    const outcome = [error === undefined, error ?? null]
    const known = await this.#query(
      `update backups set verified_at = now(), verified = $3, error = $4
        where case when $2::text is null then file = $1 and made_at is not null else sha256 = $2 end
        returning id`,
      [file, sha256 ?? null, ...outcome],
    )
    if (known.length > 0 || !isBackup) return
    await this.#query(
      `insert into backups (id, file, sha256, position, events, made_at, verified_at, verified, error)
       values ($1, $2, $3, $4, $5, $6, now(), $7, $8)`,
      [randomUUID(), file, sha256 ?? null, position ?? null, events ?? null, madeAt ?? null, ...outcome],
    )
  }

  /** On a connection of its own: between two of these hours may lie. */
  async #query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({
      connectionString: this.#databaseUrl,
      application_name: 'taxbudget backup',
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    })
    // A lost connection fails the statement under way; without a listener it would end the process too.
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(text, values)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }
}
