import type { EventLog } from '../../events/event-log.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { openPool } from '../../postgres/pool.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import { type LoadedProjection, ProjectionStore } from '../projection-store.ts'
import { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { type Compared, compareWithReplay, type VerifiedPoll } from './compare-with-replay.ts'
import { rowsNoLaterThan } from './rows-no-later-than.ts'
import { stretchesOf } from './stretches.ts'

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
  async verify(log: EventLog, signal: AbortSignal): Promise<readonly VerifiedPoll[]> {
    const { databaseUrl, periods, rows } = this.#options
    this.#pool ??= openPool({ databaseUrl, deadlineMs: DEADLINE_MS, size: 1 })
    const projection = await new ProjectionStore(await this.#pool).load()
    const submissionRows = new SubmissionRowsStore(rows)
    const compared = await storedModels(projection, { periods, submissionRows, signal })
    const { polls } = await compareWithReplay(log, compared, { signal, onProgress: () => {} })
    return polls
  }

  async close(): Promise<void> {
    await this.#pool?.then(
      (pool) => pool.end(),
      () => {},
    )
  }
}

/** The results as loaded, and the other live read models as they stand, to be compared with a replay. */
export async function storedModels(
  { checkpoint, fold }: Pick<LoadedProjection, 'checkpoint' | 'fold'>,
  {
    periods,
    submissionRows,
    signal,
  }: {
    readonly periods: PeriodStore
    readonly submissionRows: Pick<SubmissionRowsStore, 'checkpoint' | 'aggregates'>
    readonly signal: AbortSignal
  },
): Promise<Compared> {
  return {
    results: { position: checkpoint, polls: fold.polls },
    periods: await stretchesOf(periods, { signal }),
    rows: [await rowsNoLaterThan(checkpoint, submissionRows)],
  }
}
