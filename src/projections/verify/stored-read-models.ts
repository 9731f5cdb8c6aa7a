import type { EventLog } from '../../events/event-log.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import { openPool } from '../../postgres/pool.ts'
import type { Difference } from '../diff-aggregates.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import { PollStates } from '../poll-states/poll-states.ts'
import { ProjectionStore, type StoredResults } from '../projection-store.ts'
import { SubmissionRowsStore } from '../submission-rows/submission-rows-store.ts'
import { compareRows } from './compare-rows.ts'
import { type Compared, compareWithReplay, type VerifiedPoll } from './compare-with-replay.ts'
import { rowsNoLaterThan } from './rows-no-later-than.ts'
import { storedStates } from './stored-states.ts'
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

  /** O(events). @throws the signal's reason, {FoldChanged} */
  async verify(log: EventLog, signal: AbortSignal): Promise<readonly VerifiedPoll[]> {
    const { databaseUrl, periods, rows } = this.#options
    this.#pool ??= openPool({ databaseUrl, deadlineMs: DEADLINE_MS, size: 1 })
    const pool = await this.#pool
    const results = await new ProjectionStore(pool).asStored()
    const submissionRows = new SubmissionRowsStore(rows)
    const compared = await storedModels(results, {
      ...{ periods, submissionRows, signal },
      states: new PollStates(pool),
    })
    const options = { signal, onProgress: () => {} }
    const { polls } = await compareWithReplay(log, compared, options)
    const stored = await submissionRows.whole(compared.rows[0]!.position)
    return withRows(polls, await compareRows(log, stored, options))
  }

  async close(): Promise<void> {
    await this.#pool?.then(
      (pool) => pool.end(),
      () => {},
    )
  }
}

/** What was found of the polls, with what was found of their rows one by one. */
export function withRows(
  polls: readonly VerifiedPoll[],
  rows: ReadonlyMap<string, readonly Difference[]>,
): readonly VerifiedPoll[] {
  const known = new Set(polls.map(({ poll }) => poll))
  const others = [...rows.keys()].filter((poll) => !known.has(poll))
  return [
    ...polls.map((each) => ({ ...each, differences: [...each.differences, ...(rows.get(each.poll) ?? [])] })),
    ...others.map((poll) => ({ poll, counted: 0, periods: 0, differences: rows.get(poll)! })),
  ]
}

/** The results as loaded, and the other live read models as they stand, to be compared with a replay. */
export async function storedModels(
  results: StoredResults,
  {
    periods,
    submissionRows,
    states,
    signal,
  }: {
    readonly periods: PeriodStore
    readonly submissionRows: Pick<SubmissionRowsStore, 'checkpoint' | 'aggregates'>
    readonly states: Pick<PollStates, 'kept' | 'poll' | 'effect'>
    readonly signal: AbortSignal
  },
): Promise<Compared> {
  return {
    results,
    states: await storedStates(states),
    periods: await stretchesOf(periods, { signal }),
    rows: [await rowsNoLaterThan(results.position, submissionRows)],
  }
}
