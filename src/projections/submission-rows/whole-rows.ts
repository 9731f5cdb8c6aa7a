/** Rows of submissions as texts, whole, to be compared one by one. */
import type { Position } from '../../events/event-log.ts'
import type { ClientPool } from '../../postgres/client-pool.ts'
import type { TemporalRow } from './temporal-row.ts'

/** A row as it is compared: which one, and everything that it says. */
export interface WholeRow {
  readonly poll: string
  readonly submission: string
  readonly from: Position
  readonly text: string
}

/** Submissions whose id is at least `least` and less than `end`, if there is an end. */
export interface IdRange {
  readonly least: string
  readonly end: string | undefined
}

const ROWS_PER_READ = 10_000
const READ_DEADLINE_MS = 60_000
/** Every row is read. */
const DIGEST_DEADLINE_MS = 600_000

const milliseconds = (column: string) =>
  `coalesce(trim_scale(extract(epoch from ${column}) * 1000)::text, '')`
/** What ends after the position has not ended yet. */
const ofEnd = (text: string) => `case when to_position <= $2 then ${text} else '' end`
const TEXT = `concat_ws(' ', poll, pseudonym, ${milliseconds('submitted_at')}, ${milliseconds('changed_at')},
  array_to_string(shares, ',', '?'), ${ofEnd('to_position::text')}, ${ofEnd(milliseconds('to_time'))}, ${ofEnd('ending')})`

/** What `TEXT` gives of the row that is stored of `row`. */
export function wholeRow({ submission, from, ...row }: TemporalRow): WholeRow {
  const { poll, pseudonym, submittedAt, changedAt, shares, end } = row
  const dashed = pseudonym.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const ended = end ? [String(end.position), String(end.time), end.how] : ['', '', '']
  const told = [poll, dashed, String(submittedAt), String(changedAt), shares.join(','), ...ended]
  return { poll, submission, from, text: told.join(' ') }
}

/** The rows of a version that began up to `position`, in batches, in the order of the submissions. */
export async function* readWholeRows(
  pool: Pick<ClientPool, 'lend'>,
  version: number,
  position: Position,
  { least, end }: IdRange,
): AsyncGenerator<readonly WholeRow[]> {
  let [submission, from] = [least, -1n]
  for (let size = ROWS_PER_READ; size === ROWS_PER_READ; ) {
    const values = [version, position, submission, from, end ?? null]
    const { rows } = await pool.lend((client) => client.query(PAGE, values), { deadlineMs: READ_DEADLINE_MS })
    size = rows.length
    if (size === 0) return
    const batch = rows.map((row): WholeRow => ({ ...row, from: BigInt(row.from) }))
    yield batch
    ;({ submission, from } = batch.at(-1)!)
  }
}

const PAGE = `
  select poll, submission::text, from_position::text as from, ${TEXT} as text
    from submission_rows
   where version = $1 and from_position <= $2 and (submission, from_position) > ($3::uuid, $4::bigint)
     and ($5::uuid is null or submission < $5::uuid)
   order by submission, from_position limit ${ROWS_PER_READ}`

/** One number that changes with any of the rows that began up to `position`, whatever their order. O(rows). */
export async function rowsDigest(
  pool: Pick<ClientPool, 'lend'>,
  version: number,
  position: Position,
): Promise<string> {
  const statement = `
    select count(*)::text || ' ' ||
           coalesce(sum(hashtextextended(concat_ws(' ', submission, from_position, ${TEXT}), 0)::numeric), 0)::text as digest
      from submission_rows where version = $1 and from_position <= $2`
  const { rows } = await pool.lend((client) => client.query(statement, [version, position]), {
    deadlineMs: DIGEST_DEADLINE_MS,
  })
  return rows[0].digest
}
