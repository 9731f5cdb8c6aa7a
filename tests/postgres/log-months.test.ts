import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NO_STREAM, type RecordedEvent, START, WrongExpectedRevision } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { ArchivedMonths } from '../support/archived-months.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const folder = join(import.meta.dirname, '..', '..', 'infra', 'migrations')
const names = readdirSync(folder).sort()
const byMonth = names.findIndex((name) => name.endsWith('_log_months.sql'))

let database: TestDatabase
let client: pg.Client

/** A database as the program before the months has left it. */
beforeEach(async () => {
  database = await createTestDatabase({ template: 'template0' })
  client = new pg.Client(database.url)
  await client.connect()
  await client.query(
    'create table migrations (id integer primary key, name text, applied_at timestamptz default now())',
  )
  for (const name of names.slice(0, byMonth)) {
    await client.query(readFileSync(join(folder, name), 'utf8'))
    await client.query('insert into migrations values ($1, $2)', [Number(name.slice(0, 6)), name])
  }
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const event = (data: object, id: string = randomUUID()) => ({ id, type: 'Tested', schemaVersion: 1, data })

/** Appends as the program before did. */
const appendBefore = (by: pg.Client, stream: string, revision: number, id: string, data: object) =>
  by.query({
    text: `select base, refused from append_events($1, $2, $3, $4, 'Tested', '1', $5, '')`,
    values: [stream, `${revision - 1}`, `${revision}`, id, JSON.stringify(data)],
  })

async function readAll(log: PostgresEventLog): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for await (const batch of log.readAll({ after: START })) events.push(...batch)
  return events
}

describe('the log by month', () => {
  test('given a log from before, when it is migrated, then all of it is there, and everything holds for it', async () => {
    const ids = Array.from({ length: 30 }, () => randomUUID())
    for (const [n, id] of ids.entries())
      await appendBefore(client, `s${n % 10}`, Math.floor(n / 10), id, { n })
    await client.query(
      `update events set recorded_at = recorded_at - interval '90 days' where position <= 15`,
    )
    const { rows: before } = await client.query('select * from events order by position')
    await migrate(database.url)
    const { rows: after } = await client.query('select * from events order by position')
    expect(after).toEqual(before)

    const months = await ArchivedMonths.open(database.url)
    const log = new PostgresEventLog({
      databaseUrl: database.url,
      archiveDir: months.folder,
      now: months.now,
    })
    const holds = async () => {
      expect(await log.append('s3', [event({ n: 13 }, ids[13])], 0)).toEqual({
        revision: 1,
        position: 14n,
        repeated: true,
      })
      await expect(log.append('s3', [event({})], 0)).rejects.toThrow(WrongExpectedRevision)
      await expect(log.append('s3', [event({})], NO_STREAM)).rejects.toMatchObject({ actual: 2 })
      expect((await log.readStream('s3')).map(({ data }) => data)).toEqual([{ n: 3 }, { n: 13 }, { n: 23 }])
      expect((await readAll(log)).slice(0, 30).map(({ data }) => data)).toEqual(ids.map((_, n) => ({ n })))
    }
    await holds()
    expect((await log.append('new', [event({})], NO_STREAM)).position).toBe(31n)
    await holds()
    await months.turn()
    await holds()
    expect((await log.append('new', [event({})], 0)).position).toBe(32n)
    await log.close()
    await months.close()
  })

  test('given appends under way by the program before, when it is migrated, then none is lost and none is there twice', async () => {
    await appendBefore(client, 's', 0, randomUUID(), {})
    const [holder, old] = [new pg.Client(database.url), new pg.Client(database.url)]
    await Promise.all([holder.connect(), old.connect()])
    // Whoever appends is inside the function already, and waits for its lock.
    await holder.query('begin; select pg_advisory_xact_lock(7461, 1)')
    const appending = appendBefore(old, 'waited', 0, randomUUID(), { waited: true })
    const waiting = (count: number) =>
      expect
        .poll(async () => {
          // Others wait in other databases of this server.
          const waits = `select count(*)::int as count from pg_locks join pg_database d on d.oid = database
            where d.datname = current_database() and locktype = 'advisory' and not granted`
          return (await client.query(waits)).rows[0].count
        })
        .toBe(count)
    await waiting(1)
    const migrating = migrate(database.url)
    await waiting(2)
    await holder.query('commit')
    await Promise.all([appending, migrating])
    // A process of the program before goes on appending beside this one.
    await appendBefore(old, 'beside', 0, randomUUID(), { beside: true })
    await Promise.all([holder.end(), old.end()])

    const log = new PostgresEventLog({ databaseUrl: database.url })
    expect((await readAll(log)).map(({ position, stream }) => [position, stream])).toEqual([
      [1n, 's'],
      [2n, 'waited'],
      [3n, 'beside'],
    ])
    for (const stream of ['s', 'waited', 'beside']) {
      expect(await log.readStream(stream)).toHaveLength(1)
      await expect(log.append(stream, [event({})], NO_STREAM)).rejects.toMatchObject({ actual: 0 })
    }
    await log.close()
  })
})
