import pg from 'pg'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { appendRate, type FreshEvent, freshEvents } from '../appends.ts'
import { check, compare, type Side } from '../harness.ts'
import { type Benchmark, query, type Workbench } from '../workbench.ts'

const CALLERS = 200
const BATCH = 500
const unit = 'events/s'

/** What the log's group commit gains, and what it costs beside the quickest way to write rows. */
export const durableAppends: Benchmark = {
  name: 'appends',
  measure: async (bench) => {
    const { rounds, seconds } = bench.sizes
    const fresh = await freshEvents()
    const [url, rivalUrl] = [await bench.database('appends'), await bench.database('unnest')]
    const log = new PostgresEventLog({ databaseUrl: url })
    bench.onEnd(() => log.close())
    const appending = (name: string, callers: number): Side => ({
      name,
      unit,
      run: () => appendRate(log, fresh, { callers, seconds }),
    })
    const grouped = appending(`group commit, ${CALLERS} callers`, CALLERS)
    const figures = [
      await compare(
        { what: 'durable appends ÷ one by one', target: { atLeast: 15 }, unit: '' },
        [grouped, appending('one by one, same lock', 1)],
        rounds,
      ),
      await compare(
        { what: 'durable appends ÷ insert from unnest', target: { atLeast: 0.6 }, unit: '' },
        [grouped, await unnestSide(bench, rivalUrl, fresh, seconds)],
        rounds,
      ),
    ]
    for (const each of [url, rivalUrl]) await checkDense(each)
    return figures
  },
}

/** One connection that inserts batches into a table of the same shape with the same indexes. */
async function unnestSide(
  bench: Workbench,
  url: string,
  fresh: () => FreshEvent,
  seconds: number,
): Promise<Side> {
  const client = new pg.Client(url)
  await client.connect()
  bench.onEnd(() => client.end())
  await client.query('set synchronous_commit = on')
  let position = 0
  const insertBatch = async () => {
    const rows = Array.from({ length: BATCH }, fresh)
    const values = [
      rows.map((_, index) => position + 1 + index),
      rows.map(({ stream }) => stream),
      rows.map(() => 0),
      rows.map(({ event }) => event.id),
      rows.map(({ event }) => event.type),
      rows.map(({ event }) => event.schemaVersion),
      rows.map(({ event }) => JSON.stringify(event.data)),
    ]
    await client.query({ name: 'insert', text: INSERT, values })
    position += BATCH
  }
  const run = async () => {
    const [started, before] = [performance.now(), position]
    while (performance.now() - started < seconds * 1000) await insertBatch()
    return ((position - before) * 1000) / (performance.now() - started)
  }
  return { name: `insert from unnest, batches of ${BATCH}`, unit, run }
}

const INSERT = `
  insert into events (position, stream, revision, id, type, schema_version, data, recorded_at)
  select *, clock_timestamp()
    from unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::smallint[], $7::json[])`

async function checkDense(url: string): Promise<void> {
  const [row] = await query<{ count: string; last: string }>(
    url,
    'select count(*), max(position) as last from events',
  )
  check(row?.count === row?.last, `${row?.count} events stand at positions up to ${row?.last}`)
}
