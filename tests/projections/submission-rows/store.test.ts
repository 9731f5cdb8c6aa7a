/** Reading rows: in pieces, from a cursor on, and given up half-way. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../../src/events/event-log.ts'
import { NO_STREAM } from '../../../src/events/event-log.ts'
import { pollStream } from '../../../src/events/poll-events.ts'
import { submissionStream } from '../../../src/events/submission-events.ts'
import { ClientPool } from '../../../src/postgres/client-pool.ts'
import { pseudonymOf } from '../../../src/projections/submission-rows/pseudonym.ts'
import { SubmissionRowsStore } from '../../../src/projections/submission-rows/submission-rows-store.ts'
import { eventually } from '../../support/eventually.ts'
import { type Append, testPoll } from '../../support/history.ts'
import { recorded } from '../../support/recorded.ts'
import { createRowsTable, type RowsTable, rowsOf } from './table.ts'

/** More than two COPYs hold. */
const SUBMISSIONS = 25_000
const occurredAt = '2026-01-01T00:00:00.000Z'
const last = BigInt(SUBMISSIONS + 1)

const receiptHashOf = (index: number) => index.toString(16).padStart(64, '0')

function submit(index: number): Append {
  const allocation = { a: (index % 11) * 1000, b: 10_000 - (index % 11) * 1000, c: 0 }
  const data = { poll: 'one', allocation, via: 'api', receiptHash: receiptHashOf(index), occurredAt }
  const event = { id: randomUUID(), type: 'AllocationSubmitted', schemaVersion: 1, data }
  return { stream: submissionStream(randomUUID()), expectedRevision: NO_STREAM, events: [event] }
}

function history(): RecordedEvent[] {
  const opened = {
    id: randomUUID(),
    type: 'PollOpened',
    schemaVersion: 1,
    data: { ...testPoll('one'), occurredAt },
  }
  const opening: Append = { stream: pollStream('one'), expectedRevision: NO_STREAM, events: [opened] }
  return recorded([opening, ...Array.from({ length: SUBMISSIONS }, (_, index) => submit(index))])
}

let table: RowsTable
beforeAll(async () => {
  table = await createRowsTable()
  await table.project(history(), [10_000, 10_000, 10_000])
}, 60_000)
afterAll(() => table?.drop())

describe('rows', () => {
  it('come all, each once, in the order of positions, in small batches', async () => {
    let [next, largest] = [2n, 0]
    for await (const batch of table.store.rows('one', { position: last })) {
      largest = Math.max(largest, batch.length)
      for (const { position, shares, pseudonym } of batch) {
        const index = Number(position) - 2
        expect([position, shares[0], pseudonym]).toEqual([
          next++,
          (index % 11) * 1000,
          pseudonymOf(receiptHashOf(index)),
        ])
      }
    }
    expect([next, largest]).toEqual([last + 1n, 1000])
  })

  it('go on after a cursor, and end at a limit', async () => {
    const positions = async (options: object) =>
      (await rowsOf(table.store, 'one', { position: last }, options)).map(({ position }) => position)
    expect(await positions({ after: last - 2n })).toEqual([last - 1n, last])
    expect(await positions({ after: 12_000n, limit: 3 })).toEqual([12_001n, 12_002n, 12_003n])
    expect(await positions({ limit: 10_001 })).toHaveLength(10_001)
    expect(await positions({ after: last })).toEqual([])
    expect(await positions({ limit: 0 })).toEqual([])
  })

  it('are none of a poll that is not there, or whose name means something to SQL', async () => {
    expect(await rowsOf(table.store, 'two', { position: last })).toEqual([])
    expect(await rowsOf(table.store, "one' or true --\\", { position: last })).toEqual([])
  })

  it('are refused at a position to which they have not come, and as of what is no time', async () => {
    await expect(rowsOf(table.store, 'one', { position: last + 1n })).rejects.toThrow(
      `the submissions are at position ${last}, not at ${last + 1n} yet`,
    )
    await expect(rowsOf(table.store, 'one', { position: last, asOf: 'soon' })).rejects.toThrow(RangeError)
  })

  it('are found by the pseudonym', async () => {
    const pseudonym = pseudonymOf(receiptHashOf(7))
    expect(await table.store.byPseudonym(pseudonym)).toEqual([
      {
        poll: 'one',
        position: 9n,
        pseudonym,
        submittedAt: occurredAt,
        changedAt: occurredAt,
        shares: [7000, 3000, 0],
      },
    ])
    expect(await table.store.byPseudonym(pseudonymOf('nobody'))).toEqual([])
    expect(await table.store.byPseudonym("' or true")).toEqual([])
  })
})

/** What the server does for the connections of that name. */
const statementsOf = (name: string) =>
  table.query(`select pid from pg_stat_activity where application_name = '${name}' and state = 'active'`)

describe('a reader that gives up', () => {
  it('between two batches, leaves no connection behind', async () => {
    const pool = new ClientPool({ databaseUrl: table.url, name: 'impatient', size: 1 })
    const store = new SubmissionRowsStore(pool)
    for (let n = 0; n < 3; n++) for await (const _ of store.rows('one', { position: last })) break
    const gone = new AbortController()
    const reading = async () => {
      for await (const _ of store.rows('one', { position: last }, { signal: gone.signal })) gone.abort()
    }
    await expect(reading()).rejects.toThrow('aborted')
    expect(await rowsOf(store, 'one', { position: last }, { limit: 1 })).toHaveLength(1)
    await pool.close()
  })

  it('while the server works, ends what it does there, and nothing else', async () => {
    const pool = new ClientPool({ databaseUrl: table.url, name: 'gone', size: 2 })
    const gone = new AbortController()
    const sleeping = pool.lend((client) => client.query('select pg_sleep(60)'), {
      deadlineMs: 60_000,
      signal: gone.signal,
    })
    const other = pool.lend((client) => client.query('select pg_sleep(1), 7 as seven'), {
      deadlineMs: 60_000,
    })
    await eventually(async () => expect(await statementsOf('gone')).toHaveLength(2))
    gone.abort()
    await expect(sleeping).rejects.toThrow('aborted')
    expect((await other).rows).toMatchObject([{ seven: 7 }])
    await eventually(async () => expect(await statementsOf('gone')).toEqual([]))
    await pool.close()
  })

  it('is not even begun with if it has given up before', async () => {
    const rows = table.store.rows('one', { position: last }, { signal: AbortSignal.abort() })
    await expect(rows[Symbol.asyncIterator]().next()).rejects.toThrow('aborted')
  })
})
