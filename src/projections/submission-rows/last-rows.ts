import type pg from 'pg'
import type { Ending, TemporalRow } from './temporal-row.ts'

/** The last row of each of these submissions that has any. */
export async function lastRows(
  client: pg.ClientBase,
  version: number,
  submissions: readonly string[],
): Promise<TemporalRow[]> {
  if (submissions.length === 0) return []
  const { rows } = await client.query<StoredRow>(
    `select r.*
       from unnest($2::uuid[]) as s (submission)
      cross join lateral (
        select submission, poll, pseudonym, from_position, to_position,
               submitted_at, changed_at, to_time, ending, shares
          from submission_rows
         where version = $1 and submission = s.submission
         order by from_position desc
         limit 1
      ) r`,
    [version, submissions],
  )
  return rows.map(temporalRow)
}

/** As the driver reads them: bigint as text, timestamptz as Date. */
interface StoredRow {
  readonly submission: string
  readonly poll: string
  readonly pseudonym: string
  readonly from_position: string
  readonly to_position: string | null
  readonly submitted_at: Date
  readonly changed_at: Date
  readonly to_time: Date | null
  readonly ending: Ending | null
  readonly shares: readonly number[]
}

function temporalRow(row: StoredRow): TemporalRow {
  const { submission, poll, pseudonym, shares, to_position: to, to_time: toTime, ending } = row
  return {
    submission,
    poll,
    pseudonym: pseudonym.replaceAll('-', ''),
    from: BigInt(row.from_position),
    submittedAt: row.submitted_at.getTime(),
    changedAt: row.changed_at.getTime(),
    shares,
    ...(to && toTime && ending && { end: { position: BigInt(to), time: toTime.getTime(), how: ending } }),
  }
}
