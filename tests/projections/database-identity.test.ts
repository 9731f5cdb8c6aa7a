import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { openPool } from '../../src/postgres/pool.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { createTestDatabase } from '../support/database.ts'

async function givenDatabase(): Promise<string> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return database.url
}

async function identityOf(databaseUrl: string): Promise<string> {
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 1 })
  const identity = await new ProjectionStore(pool).identity()
  await pool.end()
  return identity
}

it('is the same for whoever asks one database, and another for every other', async () => {
  const [one, two] = [await givenDatabase(), await givenDatabase()]
  expect(await identityOf(one)).toMatch(/^\d+-\d+$/)
  expect(await identityOf(one)).toBe(await identityOf(one))
  expect(await identityOf(two)).not.toBe(await identityOf(one))
})

it('may be asked by a user without any privileges', async () => {
  const url = await givenDatabase()
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`create role plain_user login password 'plain'`)
  onTestFinished(async () => {
    await client.query('drop role plain_user')
    await client.end()
  })
  const plain = Object.assign(new URL(url), { username: 'plain_user', password: 'plain' }).href
  expect(await identityOf(plain)).toBe(await identityOf(url))
})
