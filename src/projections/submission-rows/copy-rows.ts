import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { encodeRows, WRITTEN_COLUMNS } from './encode-rows.ts'
import type { TemporalRow } from './temporal-row.ts'

/** The partition of `submission_rows` that holds a version: by itself until it is filled. */
export const partitionOf = (version: number): string => `submission_rows_${version}`

/** Stores new rows, by COPY. */
export async function copyRows(
  client: pg.ClientBase,
  version: number,
  rows: readonly TemporalRow[],
): Promise<void> {
  const statement = `copy ${partitionOf(version)} (${WRITTEN_COLUMNS}) from stdin (format binary)`
  const stream = client.query(copyFrom(statement))
  const finished = once(stream, 'finish')
  stream.end(encodeRows(version, rows))
  await finished
}

/** ISO 8601 in UTC. */
export const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()
