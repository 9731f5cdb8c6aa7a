/** Reads the rows that an export reads, by one COPY, and throws them away. */
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'

export interface CopyRowsResult {
  readonly rows: number
  readonly milliseconds: number
}

const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
const started = performance.now()
const stream = client.query(
  copyTo(`copy (
    select from_position, pseudonym, submitted_at, changed_at, shares from submission_rows
     where poll = 'us-federal' and to_position is null order by from_position) to stdout`),
)
for await (const _ of stream);
const milliseconds = performance.now() - started
await client.end()
console.log(JSON.stringify({ rows: stream.rowCount, milliseconds } satisfies CopyRowsResult))
