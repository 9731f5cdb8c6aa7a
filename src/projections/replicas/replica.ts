import type { LogMarks, Marked } from '../../events/log-marks.ts'
import { ClientPool } from '../../postgres/client-pool.ts'
import { openPool } from '../../postgres/pool.ts'
import { PeriodStore } from '../periods/period-store.ts'
import { ProjectionStore } from '../projection-store.ts'
import { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { type Look, lookAt } from './look.ts'

export interface ReplicaOptions {
  readonly url: string
  /** Which events its copy of the log has; undefined where the log is not in PostgreSQL. */
  readonly marksBy?: (pool: ClientPool) => LogMarks
}

/** What one look at a replica tells. */
export interface ReplicaLook extends Look {
  /** The last event of its copy of the log. */
  readonly last: Marked | undefined
}

const LOOK_MS = 2000
const STATEMENT_MS = 3000
const CONNECTIONS = 4
/** Whoever waits longer for rows of one that has become silent can have them from the primary. */
const COPY_MS = 15_000

/** A database that follows the primary, read by the same stores as that one. Opens nothing before it is asked. */
export class Replica {
  readonly url: string
  /** Its host and port: never its password. */
  readonly name: string
  readonly periods: PeriodStore
  readonly rows: SubmissionRowsStore
  readonly #rowsPool: ClientPool
  readonly #watch: ClientPool
  readonly #marks: LogMarks | undefined
  #pool: ReturnType<typeof openPool> | undefined

  constructor({ url, marksBy }: ReplicaOptions) {
    const { hostname, port } = new URL(url)
    this.url = url
    this.name = `${hostname}:${port || 5432}`
    this.periods = new PeriodStore({ databaseUrl: url, deadlineMs: STATEMENT_MS })
    this.#rowsPool = new ClientPool({ databaseUrl: url, name: 'taxbudget submissions', size: CONNECTIONS })
    this.rows = new SubmissionRowsStore(this.#rowsPool, { copyMs: COPY_MS })
    // Looking must not wait for those who read.
    this.#watch = new ClientPool({ databaseUrl: url, name: 'taxbudget watch', size: 1 })
    this.#marks = marksBy?.(this.#watch)
  }

  async look(): Promise<ReplicaLook> {
    // In this order: the last event is not older than what is told of the rest.
    const look = await this.#watch.lend(lookAt, { deadlineMs: LOOK_MS })
    return { ...look, last: await this.#marks?.last() }
  }

  async polls(): Promise<ProjectionStore> {
    this.#pool ??= openPool({ databaseUrl: this.url, deadlineMs: STATEMENT_MS, size: CONNECTIONS })
    try {
      return new ProjectionStore(await this.#pool)
    } catch (error) {
      this.#pool = undefined
      throw error
    }
  }

  async close(): Promise<void> {
    const pool = this.#pool?.then(
      (opened) => opened.end(),
      () => {},
    )
    await Promise.all([this.periods.close(), this.#rowsPool.close(), this.#watch.close(), pool])
  }
}
