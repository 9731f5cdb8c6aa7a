/** The rows of submissions in a database of one's own, and what they add up to. */
import type { Position, RecordedEvent } from '../../../src/events/event-log.ts'
import type { PollDefinition } from '../../../src/events/poll-events.ts'
import { ClientPool } from '../../../src/postgres/client-pool.ts'
import { emptyCategory, tally } from '../../../src/projections/category-aggregate.ts'
import type { ParkedEvent } from '../../../src/projections/fold.ts'
import { SubmissionRowsStore } from '../../../src/projections/submission-rows/submission-rows-store.ts'
import { SubmissionsProjection } from '../../../src/projections/submission-rows/submissions-projection.ts'
import type { RowsAt, SubmissionRow, SubmissionRows } from '../../../src/projections/submission-rows.ts'
import { createTestDatabase } from '../../support/database.ts'

export async function createRowsTable() {
  const database = await createTestDatabase()
  const pool = new ClientPool({ databaseUrl: database.url, name: 'test rows', size: 2 })
  let inLog: readonly RecordedEvent[] = []
  const log = { readStream: async (name: string) => inLog.filter(({ stream }) => stream === name) }
  const projection = new SubmissionsProjection(pool, log)
  return {
    url: database.url,
    pool,
    projection,
    store: new SubmissionRowsStore(pool),
    /** Projects the events, so many in a transaction as each size says, then the rest one by one. */
    project: async (
      events: readonly RecordedEvent[],
      sizes: readonly number[] = [],
    ): Promise<ParkedEvent[]> => {
      inLog = events
      const active = await projection.load()
      const parked: ParkedEvent[] = []
      for (let [at, batch] = [0, 0]; at < events.length; batch++) {
        const next = events.slice(at, at + (sizes[batch] ?? 1))
        parked.push(...(await active.commit(next)))
        at += next.length
      }
      return parked
    },
    /** From now on the events that come next have positions from 1 on again. */
    empty: async () => {
      const statement = `delete from submission_rows; delete from submission_row_polls;
                         update projections set position = 0, unknown = 0 where name = 'submissions'`
      await pool.lend((client) => client.query(statement), { deadlineMs: 5000 })
    },
    query: async (statement: string) =>
      (await pool.lend((client) => client.query(statement), { deadlineMs: 5000 })).rows,
    drop: async () => {
      await pool.close()
      await database.drop()
    },
  }
}

export type RowsTable = Awaited<ReturnType<typeof createRowsTable>>

export async function rowsOf(
  store: SubmissionRows,
  poll: string,
  at: RowsAt,
  options: { readonly after?: Position; readonly limit?: number } = {},
): Promise<SubmissionRow[]> {
  const rows: SubmissionRow[] = []
  for await (const batch of store.rows(poll, at, options)) rows.push(...batch)
  return rows
}

/** What the rows add up to, in the form that `sumsOf` gives of an aggregate. */
export function addedUp({ categories }: PollDefinition, rows: readonly SubmissionRow[]) {
  const sums = categories.map(emptyCategory)
  for (const { shares } of rows) for (const [index, sum] of sums.entries()) tally(sum, shares[index]!, 1)
  return plainSums(rows.length, sums)
}

export const plainSums = (
  counted: number,
  categories: readonly { readonly sum: number; readonly histogram: ReadonlyMap<number, number> }[],
) => ({
  counted,
  categories: categories.map(({ sum, histogram }) => [sum, [...histogram].sort(([a], [b]) => a - b)]),
})
