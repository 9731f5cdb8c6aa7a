import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdAdvisoryLock } from '../../src/postgres/advisory-lock.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'

const LOCK = 4711
const never = new AbortController().signal
let database: TestDatabase
let admin: pg.Client

beforeEach(async () => {
  database = await createTestDatabase()
  admin = new pg.Client(database.url)
  await admin.connect()
})
afterEach(async () => {
  await admin.end()
  await database.drop()
})

const sessions = async () =>
  (
    await admin.query(`select backend_xmin from pg_stat_activity
                        where datname = current_database() and application_name = 'taxbudget lock'`)
  ).rows

test('given one holds it, when another waits and gives up, then nothing of it stays in the server', async () => {
  const held = await holdAdvisoryLock(database.url, LOCK, never)
  const stop = new AbortController()
  const waiting = holdAdvisoryLock(database.url, LOCK, stop.signal)
  // A waiter must not keep old rows from being vacuumed, but for the moments at which it asks.
  await eventually(async () =>
    expect(await sessions()).toEqual([{ backend_xmin: null }, { backend_xmin: null }]),
  )
  stop.abort()
  await expect(waiting).rejects.toThrow()
  await eventually(async () => expect(await sessions()).toHaveLength(1))
  await held.release()
})

test('given the holder lets go, then the waiter has it', async () => {
  const held = await holdAdvisoryLock(database.url, LOCK, never)
  const waiting = holdAdvisoryLock(database.url, LOCK, never)
  await held.release()
  await (await waiting).release()
})

test('given the holder’s connection is cut, then it is told, and another may have it', async () => {
  const held = await holdAdvisoryLock(database.url, LOCK, never)
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'taxbudget lock'`,
  )
  await eventually(() => expect(held.lost.aborted).toBe(true))
  await (await holdAdvisoryLock(database.url, LOCK, never)).release()
  await held.release()
})
