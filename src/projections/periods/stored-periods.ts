/** Loads the periods that a batch of events touches, and writes them back: for the one projector that is active. */
import { type DatabasePool, type DatabaseTransactionConnection, sql } from 'slonik'
import { z } from 'zod'
import { emptyPart, type Period } from './period.ts'
import { COLUMNS, PeriodRow, rowsOf, unpackPart } from './period-row.ts'

/** Rows in one statement: each has to be done within the deadline of a statement. */
const ROWS_PER_STATEMENT = 4000

/** A period of a poll. */
export type PeriodKey = readonly [poll: string, start: number]

/** Poll → its periods. */
export type PeriodsOfPolls = ReadonlyMap<string, readonly Period[]>

/** Those of the periods that are stored. */
export async function loadPeriods(
  pool: DatabasePool,
  version: number,
  keys: readonly PeriodKey[],
): Promise<Map<string, Map<number, Period>>> {
  const polls = new Map<string, Map<number, Period>>()
  for (let first = 0; first < keys.length; first += ROWS_PER_STATEMENT) {
    const some = keys.slice(first, first + ROWS_PER_STATEMENT).map(([poll, start]) => [poll, start / 1000])
    const rows = await pool.any(sql.unsafe`
      select k.poll, k.seconds, p.*
        from ${sql.unnest(some, ['text', 'int8'])} as k (poll, seconds)
       cross join lateral (
               select a.kind, a.position, a.counted, a.excluded, a.withdrawn, a.histograms::text
                 from period_aggregates a
                where a.version = ${version} and a.poll = k.poll and a.start = to_timestamp(k.seconds)
               -- Keeps the planner from reading the whole table instead.
               offset 0
             ) p`)
    for (const row of rows) addRow(polls, row)
  }
  return polls
}

function addRow(polls: Map<string, Map<number, Period>>, unread: unknown): void {
  const { poll, seconds, kind, ...row } = PeriodRow.parse(unread)
  const periods = polls.get(poll) ?? new Map<number, Period>()
  if (periods.size === 0) polls.set(poll, periods)
  const start = seconds * 1000
  const part = unpackPart(row)
  const known = periods.get(start)
  if (kind === 'both') periods.set(start, { start, cast: part, change: part })
  else if (known) known[kind] = part
  else {
    const empty = () => emptyPart(part.categories.length)
    periods.set(start, { start, cast: empty(), change: empty(), [kind]: part })
  }
}

/** Writes periods over what was stored of them. */
export async function writePeriods(
  connection: DatabaseTransactionConnection,
  version: number,
  periods: PeriodsOfPolls,
): Promise<void> {
  for (const [poll, some] of periods) {
    const parted = some.filter(({ cast, change }) => cast !== change)
    if (parted.length > 0) await dropCommon(connection, version, poll, parted)
  }
  const rows = [...periods].flatMap(([poll, some]) => some.flatMap((period) => rowsOf(poll, period)))
  for (let first = 0; first < rows.length; first += ROWS_PER_STATEMENT)
    await writeRows(connection, version, rows.slice(first, first + ROWS_PER_STATEMENT))
}

/** The rows that stood for both kinds of periods that have one of each now. */
async function dropCommon(
  connection: DatabaseTransactionConnection,
  version: number,
  poll: string,
  periods: readonly Period[],
): Promise<void> {
  const seconds = periods.map(({ start }) => start / 1000)
  await connection.query(sql.unsafe`
    delete from period_aggregates
     where version = ${version} and poll = ${poll} and kind = 'both'
       and start = any (array(select to_timestamp(s) from unnest(${sql.array(seconds, 'int8')}) as s))`)
}

async function writeRows(
  connection: DatabaseTransactionConnection,
  version: number,
  rows: readonly (readonly (string | number | bigint)[])[],
): Promise<void> {
  const types = COLUMNS.map(([, type]) => type)
  const names = sql.join(
    COLUMNS.map(([name]) => sql.identifier([name])),
    sql.fragment`, `,
  )
  await connection.query(sql.prepared('write_periods', z.unknown())`
    insert into period_aggregates
           (version, poll, start, kind, position, counted, excluded, withdrawn, sums, sum_squares, histograms)
    select ${version}, poll, to_timestamp(seconds), kind, position, counted, excluded, withdrawn,
           sums::bigint[], sum_squares::bigint[], histograms::json
      from ${sql.unnest(rows, types)} as t (${names})
    on conflict (version, poll, start, kind) do update
       set position = excluded.position, counted = excluded.counted, excluded = excluded.excluded,
           withdrawn = excluded.withdrawn, sums = excluded.sums, sum_squares = excluded.sum_squares,
           histograms = excluded.histograms`)
}
