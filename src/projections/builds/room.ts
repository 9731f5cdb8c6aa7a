/** Where the rows of a version are: makes room for them, and takes them away, without holding anybody up for long. */
import pg from 'pg'
import { type DatabasePool, type DatabaseTransactionConnection, sql } from 'slonik'
import { endClient } from '../../postgres/end-client.ts'
import { CATEGORY_AGGREGATE } from '../projection-store.ts'
import { partitionOf } from '../submission-rows/copy-rows.ts'
import type { VersionOf } from './build-jobs.ts'
import { buildables } from './read-models.ts'

/** So many rows are deleted in one transaction. */
const ROWS_AT_ONCE = 5000
/** Who would have to wait longer for readers tries again later. */
const LOCK_MS = 5000
const DETACH_MS = 600_000

/** Makes room for a version that is begun: a table by itself, which gets its indexes when it is filled. */
export async function makeRoom(
  connection: DatabaseTransactionConnection,
  { projection, version }: VersionOf,
): Promise<void> {
  if (projection === CATEGORY_AGGREGATE) return
  await connection.query(sql.unsafe`
    create table ${sql.identifier([partitionOf(version)])} (like submission_rows including all excluding indexes)
      with (fillfactor = 90, autovacuum_enabled = false)`)
}

/** Takes away a version that nobody reads any more, a little at a time; killed in the middle, it goes on from there. */
export async function takeAway(
  pool: DatabasePool,
  databaseUrl: string,
  version: VersionOf,
  signal: AbortSignal,
): Promise<void> {
  if (version.projection === CATEGORY_AGGREGATE) {
    for (const table of ['period_aggregates', 'parked_events', 'category_aggregates', 'poll_aggregates'])
      await deleteRows(pool, table, version.version, signal)
  } else {
    await dropPartition(databaseUrl, partitionOf(version.version))
    for (const table of ['submission_row_changes', 'submission_row_polls'])
      await deleteRows(pool, table, version.version, signal)
  }
  const { parts } = buildables[version.projection]
  await pool.query(sql.unsafe`
    delete from projections
     where version = ${version.version} and status = 'discarded' and name = any (${sql.array([...parts], 'text')})`)
}

async function deleteRows(
  pool: DatabasePool,
  table: string,
  version: number,
  signal: AbortSignal,
): Promise<void> {
  const name = sql.identifier([table])
  for (let deleted = ROWS_AT_ONCE; deleted === ROWS_AT_ONCE; ) {
    signal.throwIfAborted()
    const { rowCount } = await pool.query(sql.unsafe`
      delete from ${name} t
       using (select tableoid, ctid from ${name} where version = ${version} limit ${ROWS_AT_ONCE}) doomed
       where t.tableoid = doomed.tableoid and t.ctid = doomed.ctid`)
    deleted = rowCount
  }
}

/** Detached first, which holds up neither readers nor writers of the other versions. */
async function dropPartition(databaseUrl: string, partition: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget prune',
    connectionTimeoutMillis: LOCK_MS,
    query_timeout: DETACH_MS,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`set lock_timeout = ${LOCK_MS}`)
    const { rows } = await client.query(
      `select inhdetachpending as pending from pg_inherits
        where inhparent = 'submission_rows'::regclass and inhrelid = to_regclass($1)`,
      [partition],
    )
    if (rows.length > 0) {
      const how = rows[0].pending ? 'finalize' : 'concurrently'
      await client.query(`alter table submission_rows detach partition ${partition} ${how}`)
    }
    await client.query(`drop table if exists ${partition}`)
  } finally {
    await endClient(client)
  }
}
