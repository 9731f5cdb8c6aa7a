import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ClientPool } from '../../src/postgres/client-pool.ts'
import { DatabaseFigures } from '../../src/processes/database-figures.ts'
import { type Beat, PostgresProcessRegistry } from '../../src/processes/process-registry.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let pool: ClientPool
let registry: PostgresProcessRegistry

beforeAll(async () => {
  database = await createTestDatabase()
  pool = new ClientPool({ databaseUrl: database.url, name: 'test', size: 2 })
  registry = new PostgresProcessRegistry(pool)
})
beforeEach(() => query('delete from processes'))
afterAll(async () => {
  await pool.close()
  await database.drop()
})

async function query(text: string): Promise<Record<string, string>[]> {
  const client = new pg.Client(database.url)
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}

const beat = (change: Partial<Beat> = {}): Beat => ({
  id: randomUUID(),
  roles: ['web', 'projector'],
  host: 'box',
  url: 'http://127.0.0.1:3000',
  version: '0.1.0',
  schema: 13,
  uptimeMs: 60_000,
  readiness: { ready: true, checks: [{ role: 'web', name: 'event log', ready: true }] },
  memory: 100_000_000,
  figures: { p95Ms: 3.5 },
  ...change,
})

describe('processes', () => {
  it('given one that tells of itself, lists it as alive with what it told last', async () => {
    const first = beat()
    await registry.beat(first)
    await registry.beat({ ...first, memory: 200_000_000, figures: { p95Ms: 4 } })
    const { uptimeMs: _, schema: __, ...told } = first
    const [listed, ...others] = await registry.list()
    expect(others).toEqual([])
    expect(listed).toMatchObject({ ...told, memory: 200_000_000, figures: { p95Ms: 4 }, alive: true })
    const age = listed!.seenAt.getTime() - listed!.startedAt.getTime()
    expect(age).toBeGreaterThanOrEqual(60_000)
    expect(age).toBeLessThan(90_000)
  })

  it('given one that has not been heard of for half a minute, it is not alive; after an hour it is forgotten', async () => {
    const [quiet, gone] = [beat(), beat()]
    for (const each of [quiet, gone]) await registry.beat(each)
    await query(`update processes set seen_at = now() - interval '30 seconds' where id = '${quiet.id}'`)
    await query(`update processes set seen_at = now() - interval '61 minutes' where id = '${gone.id}'`)
    expect((await registry.list()).map(({ id, alive }) => [id, alive])).toEqual([[quiet.id, false]])
    await registry.beat(beat())
    expect(await query(`select id from processes where id = '${gone.id}'`)).toEqual([])
  })

  it('given one that ends, it is not listed; the newest come first', async () => {
    const [old, ended, young] = [beat({ uptimeMs: 90_000 }), beat(), beat({ uptimeMs: 1000 })]
    for (const each of [old, ended, young]) await registry.beat(each)
    await registry.remove(ended.id)
    expect((await registry.list()).map(({ id }) => id)).toEqual([young.id, old.id])
  })
})

describe('sizes', () => {
  it('given many who note it, there is one of each day, and today’s stays as it was first seen', async () => {
    const figures = new DatabaseFigures(pool)
    await Promise.all([figures.noteSize(), figures.noteSize(), figures.noteSize()])
    const first = await figures.dailySizes()
    expect(first).toHaveLength(1)
    expect(first[0]!.database).toBeGreaterThan(1_000_000)
    await query('create table large as select repeat(md5(g::text), 100) from generate_series(1, 20000) g')
    await figures.noteSize()
    expect(await figures.dailySizes()).toEqual(first)
    expect(await figures.size()).toBeGreaterThan(first[0]!.database)
  })
})
