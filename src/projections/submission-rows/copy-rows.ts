import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { TemporalRow } from './temporal-row.ts'

/** Columns of `submission_rows` in the order in which `lineOf` writes them. */
const COLUMNS =
  'version, submission, poll, pseudonym, from_position, to_position, submitted_at, changed_at, to_time, ending, shares'

/** Stores new rows, by COPY. */
export async function copyRows(
  client: pg.ClientBase,
  version: number,
  rows: readonly TemporalRow[],
): Promise<void> {
  const stream = client.query(copyFrom(`copy submission_rows (${COLUMNS}) from stdin`))
  const finished = once(stream, 'finish')
  stream.end(rows.map((row) => lineOf(version, row)).join(''))
  await finished
}

/** One row in COPY's text format. Nothing in it has to be escaped: slugs, numbers, hexadecimal digits. */
function lineOf(version: number, { end, ...row }: TemporalRow): string {
  const { submission, poll, pseudonym, from, shares } = row
  const submittedAt = instant(row.submittedAt)
  const changedAt = row.changedAt === row.submittedAt ? submittedAt : instant(row.changedAt)
  const [to, toTime, ending] = end ? [end.position, instant(end.time), end.how] : ['\\N', '\\N', '\\N']
  return `${version}\t${submission}\t${poll}\t${pseudonym}\t${from}\t${to}\t${submittedAt}\t${changedAt}\t${toTime}\t${ending}\t{${shares.join()}}\n`
}

/** ISO 8601 in UTC. */
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()
