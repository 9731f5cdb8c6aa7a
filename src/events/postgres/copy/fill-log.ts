/** Putting a whole log into an empty database, in one transaction: it is there wholly, or not at all. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Position } from '../../event-log.ts'
import { type CopiedMonth, type ExactEvent, LogNotEmpty } from '../../log-copy.ts'
import { escaped } from '../archive/stored-line.ts'

/** What is written at a time, bytes of text or so. */
const CHUNK = 256 * 1024

/** Why nothing can be put in here; undefined if it is empty. Asked for within the transaction that fills it, too. */
export async function obstacleIn(client: Pick<pg.Client, 'query'>): Promise<string | undefined> {
  const { rows } = await client.query<{ head: string; furthest: string | null; rows: boolean }>(`
    select (select coalesce(max(position), 0) from event_places) as head,
           (select max(position) from projections) as furthest,
           exists (select from poll_aggregates) or exists (select from submission_rows)
             or exists (select from poll_states) as rows`)
  const { head, furthest, rows: made } = rows[0]!
  if (head !== '0')
    return `The event log of this database has ${head} events already: restore into a new, empty database.`
  if (Number(furthest) > 0 || made)
    return 'The event log of this database is empty, but there are read models that were made from another one: restore into a new, empty database.'
  return undefined
}

/** @throws {LogNotEmpty} */
export async function fillLog(
  databaseUrl: string,
  months: readonly CopiedMonth[],
  events: AsyncIterable<readonly ExactEvent[]>,
): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'taxbudget restore',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  })
  // A lost connection fails the statement under way; without a listener it would end the process too.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin')
    await client.query('set local synchronous_commit = on')
    // Held to the end of the transaction: nobody appends meanwhile.
    await client.query('select pg_advisory_xact_lock(7461, 1)')
    const obstacle = await obstacleIn(client)
    if (obstacle) throw new LogNotEmpty(obstacle)
    await prepareMonths(client, months)
    await copyEvents(client, events)
    await closeMonths(client, months)
    await client.query(`select pg_notify('event_log', '')`)
    await client.query('commit')
    await client.query('analyze event_places')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

/** The partitions that it has are empty: those of the restored log take their place. */
async function prepareMonths(client: pg.Client, months: readonly CopiedMonth[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass`,
  )
  for (const { name } of rows) await client.query(`drop table ${name}`)
  await client.query('delete from log_months')
  for (const { month } of months) await client.query('select prepare_log_month($1)', [`${month}-01`])
  const [first] = months
  if (first) await client.query('select open_log_month_to_the_past($1)', [`${first.month}-01`])
  // Today's and the next one, as an empty log has them.
  await client.query(`
    select prepare_log_month(m.month)
      from (select (log_month(now()) + make_interval(months => n))::date as month from generate_series(0, 1) n) m
     where m.month > coalesce((select max(l.month) from log_months l), '-infinity')`)
}

async function copyEvents(client: pg.Client, events: AsyncIterable<readonly ExactEvent[]>): Promise<void> {
  const columns = 'position, stream, revision, id, type, schema_version, data, metadata, recorded_at'
  const copying = client.query(copyFrom(`copy events (${columns}) from stdin`))
  await pipeline(Readable.from(linesOf(events), { objectMode: false }), copying)
}

async function* linesOf(events: AsyncIterable<readonly ExactEvent[]>): AsyncGenerator<string> {
  let text = ''
  for await (const batch of events)
    for (const event of batch) {
      text += lineOf(event)
      if (text.length < CHUNK) continue
      yield text
      text = ''
    }
  if (text !== '') yield text
}

const lineOf = (event: ExactEvent): string => {
  const { position, stream, revision, id, type, schemaVersion, data, metadata, recordedAt } = event
  const at = timestampOf(recordedAt)
  return `${position}\t${escaped(stream)}\t${revision}\t${id}\t${escaped(type)}\t${schemaVersion}\t${escaped(data)}\t${metadata === null ? '\\N' : escaped(metadata)}\t${at}\n`
}

/** To the microsecond. */
const timestampOf = (microseconds: bigint): string => {
  const milliseconds = microseconds / 1000n
  const rest = String(microseconds % 1000n).padStart(3, '0')
  return `${new Date(Number(milliseconds)).toISOString().slice(0, -1)}${rest}Z`
}

/** Every month has what it must have; the last one is the one that is written from now on. */
async function closeMonths(client: pg.Client, months: readonly CopiedMonth[]): Promise<void> {
  for (const [index, { month, first, last }] of months.entries()) {
    const found = await boundsOf(client, month)
    if (found.first !== first || found.last !== last)
      throw new Error(`the month ${month} got ${found.first} to ${found.last} instead of ${first} to ${last}`)
    const open = index === months.length - 1
    await client.query('update log_months set first_position = $2, last_position = $3 where month = $1', [
      `${month}-01`,
      first,
      open ? null : last,
    ])
  }
  // Where there is nothing at all, the month of today begins, as in every new log.
  if (months.length === 0)
    await client.query(
      'update log_months set first_position = 1 where month = (select min(month) from log_months)',
    )
}

async function boundsOf(client: pg.Client, month: string): Promise<{ first: Position; last: Position }> {
  const { rows } = await client.query<{ name: string }>('select log_partition($1::date) as name', [
    `${month}-01`,
  ])
  const found = await client.query<{ first: string; last: string }>(
    `select coalesce(min(position), 0) as first, coalesce(max(position), 0) as last from ${rows[0]!.name}`,
  )
  return { first: BigInt(found.rows[0]!.first), last: BigInt(found.rows[0]!.last) }
}
