/** Exports in their thread, from a real database. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientPool } from '../../../src/postgres/client-pool.ts'
import { SubmissionRowsStore } from '../../../src/projections/submission-rows/submission-rows-store.ts'
import { ExportThread } from '../../../src/queries/exports/export-thread.ts'
import { FilesHere } from '../../../src/queries/exports/files.ts'
import { exportFormats } from '../../../src/queries/exports/formats.ts'
import type { KnownMoment } from '../../../src/queries/exports/moments.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import { testPoll } from '../../support/history.ts'
import type { Memory } from './memory-process.ts'

const FEW = 10_000
const MANY = 100_000
/**
 * What exports of ten times as many may take more, and four at once. Measured: 10 and 43; without limits to the thread's
 * heap 22 and 99. What this side frees early is too little to be told from noise here.
 */
const MORE_MB = { many: 35, atOnce: 70 }

let database: TestDatabase
let thread: ExportThread

beforeAll(async () => {
  database = await createTestDatabase()
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query(
    `insert into submission_rows (version, submission, poll, pseudonym, from_position, submitted_at, changed_at, shares)
     select 1, gen_random_uuid(), 'one', gen_random_uuid(), n, t, t, array[6000, 3000, 1000]
       from generate_series(1, $1::int) as n, lateral (select timestamptz '2026-01-01' + n * interval '1 second' as t)`,
    [MANY],
  )
  await client.query(`update projections set position = $1 where name = 'submissions'`, [MANY])
  await client.end()
  thread = new ExportThread({ databaseUrl: database.url })
})
afterAll(async () => {
  await thread.close()
  await database.drop()
})

const momentAt = (position: number, counted = position): KnownMoment => ({
  definition: testPoll('one'),
  position: BigInt(position),
  counted,
  parked: 0,
  asOf: '2026-01-01T00:00:00.000Z',
  at: { position: BigInt(position) },
})

describe('a file that the thread makes', () => {
  test.each(exportFormats)(
    'as %s is what would have been made here, and so is its digest',
    async (format) => {
      const pool = new ClientPool({ databaseUrl: database.url, name: 'test', size: 1 })
      const made = async (files: ExportThread | FilesHere) => {
        const stop = new AbortController()
        const file = await files.make(momentAt(FEW), format, stop.signal)
        expect(file.sha256()).toBeUndefined()
        const bytes = Buffer.concat(await Array.fromAsync(file.chunks))
        stop.abort()
        return { bytes, rows: file.rows(), sha256: file.sha256() }
      }
      const there = await made(thread)
      expect(there.sha256).toBe(createHash('sha256').update(there.bytes).digest('hex'))
      const here = await made(new FilesHere(new SubmissionRowsStore(pool)))
      expect([there.rows, there.sha256]).toEqual([FEW, here.sha256])
      await pool.close()
    },
  )

  test('given nobody takes of it, then it waits, and others are made meanwhile', async () => {
    const stop = new AbortController()
    const waiting = await thread.make(momentAt(MANY), 'csv', stop.signal)
    const other = await thread.make(momentAt(FEW), 'csv', stop.signal)
    await Array.fromAsync(other.chunks)
    expect(other.rows()).toBe(FEW)
    const iterator = waiting.chunks[Symbol.asyncIterator]()
    await iterator.next()
    expect(waiting.rows()).toBeLessThan(FEW)
    stop.abort(new Error('enough'))
    await expect(Array.fromAsync({ [Symbol.asyncIterator]: () => iterator })).rejects.toThrow('enough')
  })

  test('given it contradicts the results, then it fails at its end', async () => {
    const stop = new AbortController()
    const file = await thread.make(momentAt(FEW, FEW + 1), 'ndjson', stop.signal)
    await expect(Array.fromAsync(file.chunks)).rejects.toMatchObject({
      name: 'ExportContradicts',
      message: `there are ${FEW} rows where ${FEW + 1} submissions are counted`,
    })
    expect(file.sha256()).toBeUndefined()
    stop.abort()
  })

  test('given the rows are not there yet, then that is a problem before it begins', async () => {
    const making = thread.make(momentAt(MANY + 1), 'csv', new AbortController().signal)
    await expect(making).rejects.toMatchObject({
      code: 'SUBMISSIONS_UNAVAILABLE',
      retryAfter: 5,
      cause: { message: `the submissions are at position ${MANY}, not at ${MANY + 1} yet` },
    })
  })

  test('given the thread ends, then so do its files, and the next one has another thread', async () => {
    const file = await thread.make(momentAt(MANY), 'csv', new AbortController().signal)
    const taking = Array.fromAsync(file.chunks)
    taking.catch(() => {})
    await thread.close()
    await expect(taking).rejects.toThrow('the thread that makes exports has ended')
    const next = await thread.make(momentAt(FEW), 'csv', new AbortController().signal)
    await Array.fromAsync(next.chunks)
    expect(next.rows()).toBe(FEW)
  })

  test('given somebody goes, then the database is not asked for the rest', async () => {
    const stop = new AbortController()
    await thread.make(momentAt(MANY), 'csv', stop.signal)
    stop.abort()
    const client = new pg.Client(database.url)
    await client.connect()
    await eventually(async () => {
      const { rows } = await client.query(
        `select from pg_stat_activity where application_name = 'taxbudget exports' and state <> 'idle' and datname = current_database()`,
      )
      expect(rows).toEqual([])
    })
    await client.end()
  })
})

test('memory does not depend on how much is exported, nor much on how many exports there are at once', {
  timeout: 60_000,
}, async () => {
  const script = join(import.meta.dirname, 'memory-process.ts')
  const args = [script, database.url, String(FEW), String(MANY)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { few, many, atOnce } = JSON.parse(stdout) as Memory
  expect(many - few).toBeLessThan(MORE_MB.many)
  expect(atOnce - few).toBeLessThan(MORE_MB.atOnce)
})
