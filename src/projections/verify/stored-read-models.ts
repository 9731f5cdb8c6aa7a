import type { EventLog } from '../../events/event-log.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { openPool } from '../../postgres/pool.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import { ProjectionStore } from '../projection-store.ts'
import { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { rowsNoLaterThan } from './rows-no-later-than.ts'
import { type VerifiedPoll, verifyProjection } from './verify-projection.ts'

export interface StoredReadModelsOptions {
  readonly databaseUrl: string
  readonly rows: ClientPool
  readonly periods: PeriodStore
}

const DEADLINE_MS = 60_000

/** The live read models, to be compared with a replay where they stand now: nobody is waited for. */
export class StoredReadModels {
  readonly #options: StoredReadModelsOptions
  #pool: ReturnType<typeof openPool> | undefined

  constructor(options: StoredReadModelsOptions) {
    this.#options = options
  }

  /** O(events). @throws the signal's reason, {InconsistentAggregate}, {FoldChanged} */
  async verify(log: EventLog, signal: AbortSignal): Promise<VerifiedPoll[]> {
    const { databaseUrl, periods, rows } = this.#options
    this.#pool ??= openPool({ databaseUrl, deadlineMs: DEADLINE_MS, size: 1 })
    const projection = await new ProjectionStore(await this.#pool).load()
    const compared = {
      projection,
      periods: await periods.everything(signal),
      rows: await rowsNoLaterThan(projection.checkpoint, new SubmissionRowsStore(rows)),
    }
    return await verifyProjection(log, compared, { poll: undefined, signal, onProgress: () => {} })
  }

  async close(): Promise<void> {
    await this.#pool?.then(
      (pool) => pool.end(),
      () => {},
    )
  }
}
