import pg from 'pg'
import type { DatabasePool } from 'slonik'
import type { EventLog } from '../../events/event-log.ts'
import { ClientPool } from '../../postgres/client-pool.ts'
import { endingOf } from '../../postgres/end-client.ts'
import { openPool } from '../../postgres/pool.ts'
import { yieldBackend } from '../../postgres/yielding-backend.ts'
import type { Answering } from '../../threads/answer.ts'
import type { RequestOf } from '../../threads/messages.ts'
import { PeriodStore } from '../periods/period-store.ts'
import { CATEGORY_AGGREGATE, ProjectionStore } from '../projection-store.ts'
import { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { SUBMISSIONS } from '../submission-rows/write-rows.ts'
import type { BuildJobs } from './build-jobs.ts'
import { prepareCategoryRange } from './category-range.ts'
import { completeRows } from './complete-rows.ts'
import { Follower } from './follower.ts'
import { knownPolls } from './known-polls.ts'
import type { PreparedRange, RangeOptions } from './prepared-range.ts'
import { prepareSubmissionsRange } from './submissions-range.ts'
import { checkpointOf, verifyVersion } from './verify-version.ts'

/** A statement that takes longer has stopped. */
const STATEMENT_MS = 60_000
const CONNECTION = { application_name: 'taxbudget build', connectionTimeoutMillis: 5000, keepAlive: true }

/** What one thread does, one question after the other. */
export class BuildWork {
  readonly #log: EventLog
  readonly #pool: DatabasePool
  readonly #rowsPool: ClientPool
  /** A transaction of its own stays open while a range waits. */
  readonly #rangePool: pg.Pool
  readonly #endRangePool: () => Promise<void>
  readonly #periods: PeriodStore
  readonly #follower: Follower
  #prepared: PreparedRange | undefined

  private constructor(databaseUrl: string, log: EventLog, pool: DatabasePool) {
    this.#log = log
    this.#pool = pool
    // Several workers at once would be quicker, and take the machine from those who vote.
    const settings = { max_parallel_workers_per_gather: '0', max_parallel_maintenance_workers: '0' }
    this.#rowsPool = new ClientPool({
      databaseUrl,
      name: 'taxbudget build',
      size: 2,
      settings,
      onConnect: yieldBackend,
    })
    this.#rangePool = new pg.Pool({ connectionString: databaseUrl, max: 1, ...CONNECTION })
    this.#rangePool.on('error', () => {})
    this.#rangePool.on('connect', yieldBackend)
    this.#endRangePool = endingOf(this.#rangePool)
    this.#periods = new PeriodStore({ databaseUrl, deadlineMs: STATEMENT_MS })
    this.#follower = new Follower({ log, pool, rowsPool: this.#rowsPool })
  }

  /** @param log whose closing is the caller's matter */
  static async open(databaseUrl: string, log: EventLog | Promise<EventLog>): Promise<BuildWork> {
    const opened = await log
    return new BuildWork(
      databaseUrl,
      opened,
      await openPool({ databaseUrl, deadlineMs: STATEMENT_MS, size: 2 }),
    )
  }

  async do(request: RequestOf<BuildJobs>, answering: Answering): Promise<unknown> {
    switch (request.job) {
      case 'prepare': {
        await this.#prepared?.giveUp()
        this.#prepared = await this.#prepare(request.question, answering)
        const { position, events } = this.#prepared
        return { position, events }
      }
      case 'commit': {
        const prepared = this.#prepared!
        this.#prepared = undefined
        return await prepared.commit()
      }
      case 'complete':
        return await this.#complete(request.question, answering)
      case 'advance':
        return await this.#follower.advance(request.question, request.question.upTo, answering)
      case 'verify':
        return await this.#verify(request.question, answering)
      default:
        return request satisfies never
    }
  }

  async close(): Promise<void> {
    await this.#prepared?.giveUp()
    const closing = [this.#periods.close(), this.#rowsPool.close(), this.#pool.end(), this.#endRangePool()]
    await Promise.all(closing)
  }

  async #prepare(
    { projection, version, ...range }: BuildJobs['prepare']['question'],
    options: RangeOptions,
  ): Promise<PreparedRange> {
    const [log, pool] = [this.#log, this.#pool]
    if (projection === CATEGORY_AGGREGATE)
      return await prepareCategoryRange(
        { log, pool, store: new ProjectionStore(pool) },
        version,
        range,
        options,
      )
    const definitions = async (after: bigint) =>
      (await knownPolls(pool, undefined, after)).map(({ definition }) => definition)
    const sources = { log, pool: this.#rangePool, knownPolls: definitions }
    return await prepareSubmissionsRange(sources, version, range, options)
  }

  /** Results are complete with their last range. */
  async #complete(
    { projection, ...completion }: BuildJobs['complete']['question'],
    { signal }: Answering,
  ): Promise<void> {
    if (projection === SUBMISSIONS)
      await completeRows({ log: this.#log, pool: this.#rowsPool }, { ...completion, signal })
  }

  async #verify(version: BuildJobs['verify']['question'], { signal, onProgress }: Answering) {
    const sources = {
      log: this.#log,
      store: new ProjectionStore(this.#pool),
      periods: this.#periods,
      rows: new SubmissionRowsStore(this.#rowsPool),
    }
    const position = await checkpointOf(this.#pool, version)
    const options = { signal, onProgress: (_: number, events: number) => onProgress(events) }
    return await verifyVersion(sources, { ...version, position }, options)
  }
}
