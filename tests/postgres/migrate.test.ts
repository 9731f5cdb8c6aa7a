import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../../src/postgres/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const names = readdirSync(join(import.meta.dirname, '..', '..', 'infra', 'migrations')).sort()
let database: TestDatabase
let client: pg.Client

beforeEach(async () => {
  database = await createTestDatabase({ template: 'template0' })
  client = new pg.Client(database.url)
  await client.connect()
})
afterEach(async () => {
  await client.end()
  await database.drop()
})

const applied = async () =>
  (await client.query('select name from migrations order by id')).rows.map(({ name }) => name)
const tables = async () =>
  (await client.query("select tablename from pg_tables where schemaname = 'public' order by 1")).rows.map(
    ({ tablename }) => tablename,
  )

describe('migrate', () => {
  test('given an empty database, then every migration is applied in order, and a second time none', async () => {
    expect(await migrate(database.url)).toEqual(names)
    const schema = await tables()
    expect(schema).toContain('events')
    expect(await migrate(database.url)).toEqual([])
    expect(await applied()).toEqual(names)
    expect(await tables()).toEqual(schema)
  })

  test('given five callers at once, then each migration is applied by one of them, and none fails', async () => {
    const results = await Promise.all(Array.from({ length: 5 }, () => migrate(database.url)))
    expect(results.flat().sort()).toEqual(names)
    expect(await applied()).toEqual(names)
  })

  test('given a migration fails halfway, then nothing of it is left, and the next try goes on from there', async () => {
    await client.query('create table category_aggregates (in_the_way integer)')
    await expect(migrate(database.url)).rejects.toThrow('already exists')
    expect(await applied()).toEqual(names.slice(0, 1))
    expect(await tables()).toEqual(['category_aggregates', 'events', 'migrations'])
    await client.query('drop table category_aggregates')
    expect(await migrate(database.url)).toEqual(names.slice(1))
  })

  test('given a caller is killed in the middle, then the next one does it all', async () => {
    // Holds the first migration up: the caller waits to insert its row beside this one.
    const rival = new pg.Client(database.url)
    await rival.connect()
    await client.query(
      'create table migrations (id integer not null primary key, name text not null, applied_at timestamptz not null default now())',
    )
    await rival.query(`begin; insert into migrations (id, name) values (1, '${names[0]}')`)
    const waiting = migrate(database.url).catch((error: Error) => error)
    await expect
      .poll(
        async () =>
          (
            await client.query(
              "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            )
          ).rows,
      )
      .toHaveLength(1)
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    expect(await waiting).toBeInstanceOf(Error)
    await rival.query('rollback')
    await rival.end()
    expect(await migrate(database.url)).toEqual(names)
  })
})
