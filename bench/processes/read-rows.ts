/** Reads every submission that counts, as an export does, and throws it away. */
import { ClientPool } from '../../src/postgres/client-pool.ts'
import { SubmissionRowsStore } from '../../src/projections/submission-rows/submission-rows-store.ts'
import { POLL } from '../seed.ts'

export interface ReadRowsResult {
  readonly rows: number
  readonly milliseconds: number
  /** The largest that this process has been. */
  readonly megabytes: number
}

const pool = new ClientPool({ databaseUrl: process.env.DATABASE_URL!, name: 'bench', size: 1 })
const store = new SubmissionRowsStore(pool)
const position = await store.checkpoint()
const started = performance.now()
let rows = 0
for await (const batch of store.rows(POLL, { position })) rows += batch.length
const milliseconds = performance.now() - started
await pool.close()
const megabytes = process.resourceUsage().maxRSS / 1024
console.log(JSON.stringify({ rows, milliseconds, megabytes } satisfies ReadRowsResult))
