/** Reads every row that a replay reads, by one COPY, and throws it away. */
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { copyStatement } from '../../src/events/postgres/read-rows.ts'

export interface CopyResult {
  readonly events: number
  readonly milliseconds: number
}

const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
const { rows } = await client.query('select max(position) as head from events')
const started = performance.now()
const stream = client.query(copyTo(copyStatement(0n, BigInt(rows[0].head))))
for await (const _ of stream);
const milliseconds = performance.now() - started
await client.end()
console.log(JSON.stringify({ events: stream.rowCount, milliseconds } satisfies CopyResult))
