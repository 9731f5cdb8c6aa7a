import pg from 'pg'
import { endingOf } from '../../../postgres/end-client.ts'
import type { Position } from '../../event-log.ts'
import type { CopiedMonth, ExactBatch, ExactEvent, LogCopy } from '../../log-copy.ts'
import { Archives } from '../archive/archive-file.ts'
import type { LogSource } from '../read-range.ts'
import { fillLog, obstacleIn } from './fill-log.ts'
import { readExact } from './read-exact.ts'

/** A COPY of which nothing has come for so long is lost. */
const SILENCE_MS = 60_000

/** The log in PostgreSQL, its archived months included. */
export class PostgresLogCopy implements LogCopy {
  readonly kind = 'postgres'
  readonly #databaseUrl: string
  readonly #pool: pg.Pool
  readonly #endPool: () => Promise<void>
  readonly #source: LogSource

  constructor({ databaseUrl, archiveDir }: { readonly databaseUrl: string; readonly archiveDir: string }) {
    this.#databaseUrl = databaseUrl
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'taxbudget backup',
      max: 2,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    })
    // A connection lost while idle is no event: the next query opens another.
    this.#pool.on('error', () => {})
    this.#endPool = endingOf(this.#pool)
    this.#source = {
      pool: this.#pool,
      silenceMs: SILENCE_MS,
      query: (statement) => this.#pool.query(statement),
      archives: new Archives(archiveDir),
    }
  }

  read(upTo: Position, signal: AbortSignal): AsyncGenerator<ExactBatch> {
    return readExact(this.#source, upTo, signal)
  }

  async obstacle(): Promise<string | undefined> {
    const client = await this.#pool.connect()
    try {
      return await obstacleIn(client)
    } finally {
      client.release()
    }
  }

  fill(months: readonly CopiedMonth[], events: AsyncIterable<readonly ExactEvent[]>): Promise<void> {
    return fillLog(this.#databaseUrl, months, events)
  }

  close(): Promise<void> {
    return this.#endPool()
  }
}
