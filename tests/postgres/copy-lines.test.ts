import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { copyLines } from '../../src/postgres/copy-lines.ts'
import { createTestDatabase } from '../support/database.ts'

async function givenClient(options: pg.ClientConfig): Promise<pg.Client> {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url, ...options })
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await database.drop()
  })
  return client
}

async function read(lines: AsyncIterable<readonly string[]>): Promise<string[]> {
  const all: string[] = []
  for await (const batch of lines) all.push(...batch)
  return all
}

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length

it('given rows that come steadily for longer than a statement may take, then all are read', async () => {
  const client = await givenClient({ query_timeout: 500 })
  const slowly = 'copy (select n, pg_sleep(0.02) from generate_series(1, 60) n) to stdout'
  const lines = await read(copyLines(client, slowly, { silenceMs: 10_000 }))
  expect(lines.map((line) => Number.parseInt(line, 10))).toEqual(Array.from({ length: 60 }, (_, n) => n + 1))
})

it('given all rows are read, or somebody stops half-way, then no timer keeps the process from ending', async () => {
  const client = await givenClient({ query_timeout: 60_000 })
  const before = timers()
  await read(copyLines(client, 'copy (select 1) to stdout', { silenceMs: 60_000 }))
  expect(timers()).toBe(before)
  for await (const _ of copyLines(client, 'copy (select generate_series(1, 100000)) to stdout', {
    silenceMs: 60_000,
  }))
    break
  expect(timers()).toBe(before)
})
