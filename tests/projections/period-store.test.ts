/** What is written of the periods is what is read again, whatever is under way beside it. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { Fold } from '../../src/projections/fold.ts'
import { type PeriodAggregate, periodKinds } from '../../src/projections/period-aggregate.ts'
import { monthOf, nameOfMonth, startOfMonth } from '../../src/projections/periods/month.ts'
import { PeriodMonths } from '../../src/projections/periods/period-months.ts'
import { packPart } from '../../src/projections/periods/period-row.ts'
import { PeriodStore } from '../../src/projections/periods/period-store.ts'
import { rankOf } from '../../src/projections/poll-aggregate.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { NotSoFar } from '../../src/projections/read-model.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { actions, tell, testPoll } from '../support/history.ts'
import { recorded } from '../support/recorded.ts'
import { execute, periodsOf, storedPeriods, withoutPeriods } from '../support/stored-periods.ts'

type Pool = Awaited<ReturnType<typeof openPool>>

let database: TestDatabase
let pool: Pool
let store: ProjectionStore
let periods: PeriodStore

beforeEach(async () => {
  database = await createTestDatabase()
  pool = await openPool({ databaseUrl: database.url, deadlineMs: 5000, size: 4 })
  store = new ProjectionStore(pool)
  periods = new PeriodStore({ databaseUrl: database.url, deadlineMs: 1000 })
})

afterEach(async () => {
  await periods.close()
  await pool.end()
  await database.drop()
})

/** Writes what the events change, in commits of so many; whoever goes on after `restarts` of them begins anew. */
async function write(events: readonly RecordedEvent[], size = 1000, restarts = Number.POSITIVE_INFINITY) {
  const fold = new Fold()
  let { periods: active } = await store.load()
  for (let first = 0; first < events.length; first += size) {
    if ((first / size) % restarts === 0) ({ periods: active } = await store.load())
    fold.listener = active.changes
    const some = events.slice(first, first + size)
    for (const event of some) fold.apply(event)
    const change = await active.changed(some.at(-1)!.position)
    await store.savePeriods(change)
    active.committed(change)
  }
}

const acts = (seed: number, length = 120) =>
  recorded(tell(fc.sample(actions({ minLength: length, maxLength: length }), { numRuns: 1, seed })[0]!))

async function all(batches: AsyncIterable<readonly PeriodAggregate[]>): Promise<PeriodAggregate[]> {
  const found: PeriodAggregate[] = []
  for await (const batch of batches) found.push(...batch)
  return found
}

const everAfter = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** One submission in every quarter of an hour from that time on. */
function submissions(from: string, number: number): RecordedEvent[] {
  const opened = { ...testPoll('one'), occurredAt: from }
  const events = [event(1, 'PollOpened', opened)]
  for (let n = 0; n < number; n++) events.push(submitted(n + 2, Date.parse(from) + n * 900_000))
  return events
}

const event = (position: number, type: string, data: object): RecordedEvent => ({
  position: BigInt(position),
  stream: `s-${position}`,
  revision: 0,
  id: '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01',
  type,
  schemaVersion: 1,
  data,
  metadata: {},
  recordedAt: '2026-01-01T00:00:00.000Z',
})

const allocation = { a: 10_000, b: 0, c: 0 }
const submitted = (position: number, time: number) =>
  event(position, 'AllocationSubmitted', {
    poll: 'one',
    allocation,
    occurredAt: new Date(time).toISOString(),
  })

describe('stored periods', () => {
  test('given any history in any commits with restarts, when written, then they are those of a replay', async () => {
    await fc.assert(
      fc.asyncProperty(
        actions({ minLength: 40, maxLength: 80 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 4 }),
        async (history, size, restarts) => {
          await withoutPeriods(database.url)
          const events = recorded(tell(history))
          await write(events, size, restarts)
          const stored = await storedPeriods(periods)
          expect(stored).toEqual({ checkpoint: events.at(-1)!.position, polls: periodsOf(events) })
        },
      ),
      { numRuns: 25 },
    )
  })

  test('given less than what the asker has seen, then it is refused, and no connection is kept for it', async () => {
    const events = acts(1)
    await write(events, 7)
    const last = events.at(-1)!.position
    for (let times = 0; times < 6; times++) {
      for (const since of [0n, 1n, last])
        await expect(periods.sums('one', 'cast', { since, atLeast: last + 1n })).rejects.toThrow(NotSoFar)
      const range = { ...everAfter, atLeast: rankOf({ generation: 1, position: 1n }) }
      await expect(all(periods.aggregates('one', 'cast', range))).rejects.toThrow(NotSoFar)
    }
    expect((await periods.sums('one', 'cast', { since: last, atLeast: last })).checkpoint).toBe(last)
    await eventually(() => expect(periods.use).toMatchObject({ busy: 0, waiting: 0 }))
  })

  test('given a history, when read with sums and with histograms, then the two agree, in the order of time', async () => {
    const events = acts(1)
    await write(events, 7)
    for (const poll of ['one', 'two'])
      for (const kind of periodKinds) {
        const { checkpoint, periods: batches } = await periods.sums(poll, kind, { since: 0n })
        const sums = []
        for await (const batch of batches) sums.push(...batch)
        const aggregates = await all(periods.aggregates(poll, kind, everAfter))
        expect(checkpoint).toBe(events.at(-1)!.position)
        expect(sums).toEqual(
          aggregates.map(({ categories, ...rest }) => ({
            ...rest,
            sums: categories.map(({ sum }) => sum),
            sumSquares: categories.map(({ sumSquares }) => sumSquares),
          })),
        )
        expect(sums.map(({ start }) => start)).toEqual(
          sums.map(({ start }) => start).toSorted((a, b) => a - b),
        )
        expect(aggregates.map(({ start, ...part }) => [start, packPart(part as never)])).toEqual(
          [...periodsOf(events).get(poll)!].flatMap(([start, period]) =>
            period[kind] ? [[start, period[kind]]] : [],
          ),
        )
      }
  })

  test('given a position, when asked what has changed since, then it is that and nothing else', async () => {
    const events = acts(2)
    await write(events, 7)
    for (const since of [0n, 1n, 40n, 90n, events.at(-1)!.position])
      for (const kind of periodKinds) {
        const { periods: batches } = await periods.sums('one', kind, { since })
        const starts = []
        for await (const batch of batches) starts.push(...batch.map(({ start }) => start))
        const expected = [...periodsOf(events).get('one')!].filter(
          ([, period]) => (period[kind]?.position ?? 0n) > since,
        )
        expect(starts).toEqual(expected.map(([start]) => start))
      }
  })

  test('given a range, when read, then it holds what starts in it, its end left out', async () => {
    const from = Date.parse('2026-01-31T23:00:00.000Z')
    await write(submissions('2026-01-31T23:00:00.000Z', 8))
    const range = { from: from + 900_000, to: from + 6 * 900_000 }
    const found = await all(periods.aggregates('one', 'cast', range))
    expect(found.map(({ start }) => (start - from) / 900_000)).toEqual([1, 2, 3, 4, 5])
    expect(await all(periods.aggregates(`one'; drop table events; --`, 'cast', everAfter))).toEqual([])
  })

  test('given times long ago and far ahead, when written, then they are read again', async () => {
    const times = ['0000-01-01', '0099-12-31', '1969-12-31', '9999-12-31'].map(
      (day) => `${day}T23:59:59.999Z`,
    )
    const events = times.map((time, n) => submitted(n + 2, Date.parse(time)))
    await write([...submissions('2026-01-01T00:00:00.000Z', 0), ...events])
    const found = await all(periods.aggregates('one', 'change', everAfter))
    expect(found.map(({ start }) => new Date(start).toISOString())).toEqual(
      ['0000-01-01', '0099-12-31', '1969-12-31', '9999-12-31'].map((day) => `${day}T23:45:00.000Z`),
    )
  })
})

describe('months', () => {
  const at = (time: string) => monthOf(Date.parse(`${time}T00:00:00.000Z`))

  test.each([
    ['0000-01-15', '0000_01', '0000-01-01'],
    ['0099-12-31', '0099_12', '0099-12-01'],
    ['1969-12-31', '1969_12', '1969-12-01'],
    ['2024-02-29', '2024_02', '2024-02-01'],
  ])('%s is in %s, which begins on %s', (time, name, start) => {
    expect(nameOfMonth(at(time))).toBe(name)
    expect(new Date(startOfMonth(at(time))).toISOString()).toBe(`${start}T00:00:00.000Z`)
  })

  test('given several who start at once, when they want the same months, then each is made once', async () => {
    const now = () => new Date('2026-11-23T10:00:00.000Z')
    const wanted = new Set([at('2021-05-01'), at('2021-06-01')])
    const rivals = [1, 2, 3].map(() => new PeriodMonths(pool, now).prepare(wanted))
    await Promise.all([
      ...rivals,
      new PeriodMonths(pool, now).prepare(new Set([at('2021-06-01'), at('2021-07-01')])),
    ])
    const rows = await execute(
      database.url,
      'select partition from period_partitions where attached order by start',
    )
    expect(rows.map(({ partition }) => partition)).toEqual(
      ['2021_05', '2021_06', '2021_07', '2026_11', '2026_12', '2027_01', '2027_02'].map(
        (name) => `period_aggregates_${name}`,
      ),
    )
    expect(await periods.monthsAhead(now())).toBe(3)
    expect(await periods.monthsAhead(new Date('2027-01-31T23:59:59.999Z'))).toBe(1)
    expect(await periods.monthsAhead(new Date('2030-01-01T00:00:00.000Z'))).toBe(0)
  })

  test('given somebody who reads, when a month is made, then neither waits for the other', async () => {
    await write(submissions('2021-01-01T00:00:00.000Z', 10))
    const { periods: batches } = await periods.sums('one', 'cast', { since: 0n })
    await new PeriodMonths(pool, () => new Date('2030-01-01T00:00:00.000Z')).prepare(new Set())
    let found = 0
    for await (const batch of batches) found += batch.length
    expect(found).toBe(10)
  })

  test('given a month that is detached, when its submissions change, then the rest goes on without it', async () => {
    const events = submissions('2026-01-31T23:00:00.000Z', 8)
    await write(events)
    await execute(
      database.url,
      'alter table period_aggregates detach partition period_aggregates_2026_01 concurrently',
    )
    const excluded = event(10, 'SubmissionExcluded', {
      poll: 'one',
      replaces: allocation,
      reason: 'test',
      submittedAt: '2026-01-31T23:00:00.000Z',
      occurredAt: '2026-02-01T03:00:00.000Z',
    })
    const fold = new Fold()
    const { periods: active } = await store.load()
    for (const each of events) fold.apply(each)
    fold.listener = active.changes
    fold.apply(excluded)
    const change = await active.changed(10n)
    expect(change).toMatchObject({ written: 1, leftOut: 1 })
    await store.savePeriods(change)
    expect((await all(periods.aggregates('one', 'cast', everAfter))).map(({ counted }) => counted)).toEqual([
      1, 1, 1, 1,
    ])
    const changes = await all(periods.aggregates('one', 'change', everAfter))
    expect(changes.map(({ counted, excluded: set }) => [counted, set])).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [1, 0],
      [-1, 1],
    ])
    expect(await execute(database.url, 'select 1 from period_aggregates_2026_01')).toHaveLength(4)
    expect([...(await periods.everything()).detached]).toEqual([at('2026-01-01')])
  })
})

describe('a reader', () => {
  const connections = () =>
    execute(
      database.url,
      `select state from pg_stat_activity where datname = current_database() and application_name = 'taxbudget periods' and state <> 'idle'`,
    )

  test('given one that gives up in the middle, then its query has ended on the server', async () => {
    await write(submissions('2024-01-01T00:00:00.000Z', 1))
    // More than the network takes while nobody reads.
    await execute(
      database.url,
      `insert into period_aggregates
       select 1, 'one', '2024-01-02'::timestamptz + n * interval '1 second', 'both', n, 1, 0, 0, '{1}', '{1}',
              (select json_agg(json_agg) from (select json_agg(json_build_array(v, 1)) from generate_series(0, 300) v) one)
         from generate_series(1, 20000) n`,
    )
    const stop = new AbortController()
    const options = { ...everAfter, signal: stop.signal }
    const reading = async () => {
      for await (const _ of periods.aggregates('one', 'cast', options)) {
        expect(await connections()).toEqual([{ state: 'active' }])
        stop.abort()
      }
    }
    await expect(reading()).rejects.toThrow(/abort/i)
    await eventually(async () => expect(await connections()).toEqual([]))
    for await (const _ of periods.aggregates('one', 'cast', everAfter)) break
    await eventually(async () => expect(await connections()).toEqual([]))
    await expect(periods.sums('one', 'cast', { since: 0n, signal: stop.signal })).rejects.toThrow(/abort/i)
  })

  test('given one that never begins to read, then its connection is free again after the deadline', async () => {
    const waiting = await Promise.all([1, 2, 3, 4].map(() => periods.sums('one', 'cast', { since: 0n })))
    await eventually(async () =>
      expect((await periods.sums('one', 'cast', { since: 0n })).checkpoint).toBe(0n),
    )
    const late = async () => {
      for await (const _ of waiting[0]!.periods) throw new Error('something was read')
    }
    await expect(late()).rejects.toThrow('came too late')
  })
})
