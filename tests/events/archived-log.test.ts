import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  EventLogUnavailable,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  START,
  WrongExpectedRevision,
} from '../../src/events/event-log.ts'
import { ArchiveDiffers } from '../../src/events/log-archive.ts'
import { Archives } from '../../src/events/postgres/archive/archive-file.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { readRange } from '../../src/events/postgres/read-range.ts'
import { replay } from '../../src/queries/replay.ts'
import { ArchivedMonths } from '../support/archived-months.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { actions, tell } from '../support/history.ts'

let database: TestDatabase
let months: ArchivedMonths
let log: PostgresEventLog

beforeEach(async () => {
  database = await createTestDatabase()
  months = await ArchivedMonths.open(database.url)
  log = open()
})
afterEach(async () => {
  await log.close()
  await months.close()
  await database.drop()
})

const open = () =>
  new PostgresEventLog({ databaseUrl: database.url, archiveDir: months.folder, now: months.now })
const event = (data: object): NewEvent => ({ id: randomUUID(), type: 'Tested', schemaVersion: 1, data })

/** Everything that is known of an event, also what is worked out when it is asked for. */
const whole = ({
  position,
  stream,
  revision,
  id,
  type,
  schemaVersion,
  data,
  metadata,
  recordedAt,
}: RecordedEvent) => ({
  position,
  stream,
  revision,
  id,
  type,
  schemaVersion,
  data,
  metadata,
  recordedAt,
})

async function readAll(from = log, after = START, upTo?: bigint) {
  const events = []
  for await (const batch of from.readAll({ after, ...(upTo !== undefined && { upTo }) }))
    events.push(...batch.map(whole))
  return events
}

/** Three months: two streams in each, one of which goes on in the next. */
async function threeMonths(): Promise<void> {
  for (let month = 0; month < 3; month++) {
    await log.append('goes-on', [event({ month })], month - 1)
    await log.append(`only-${month}`, [event({ month }), event({ month, last: true })], NO_STREAM)
    await months.nextMonth()
  }
}

const tables = async (): Promise<string[]> => {
  const { rows } = await months.pool.query(
    `select tablename from pg_tables where tablename ~ '^events_[0-9]' order by 1`,
  )
  return rows.map(({ tablename }) => tablename)
}

describe('archive, drop, replay', () => {
  test('given any history and months cut anywhere, then everything reads as before', async () => {
    const history = fc.tuple(actions({ maxLength: 40 }), fc.infiniteStream(fc.nat({ max: 4 })), fc.nat())
    await fc.assert(
      fc.asyncProperty(history, async ([acts, dice, cut]) => {
        const start = await log.head()
        for (const { stream, events, expectedRevision } of tell(acts, [randomUUID(), randomUUID()])) {
          const metadata = { traceparent: randomUUID() }
          const traced = dice.next().value === 1 ? events.map((each) => ({ ...each, metadata })) : events
          await log.append(stream, traced, expectedRevision)
          if (dice.next().value === 0) await months.nextMonth()
        }
        const before = await readAll(log, start)
        const replayed = await replay(log)
        const someStream = before[cut % before.length]!.stream
        const streamBefore = (await log.readStream(someStream)).map(whole)
        await months.archive()
        expect(await readAll(log, start)).toEqual(before)
        await months.drop()
        expect(await readAll(log, start)).toEqual(before)
        expect((await replay(log)).fold).toEqual(replayed.fold)
        expect((await log.readStream(someStream)).map(whole)).toEqual(streamBefore)
        const from = before[cut % before.length]!.position
        expect(await readAll(log, from)).toEqual(before.filter(({ position }) => position > from))
        expect(await readAll(log, start, from)).toEqual(before.filter(({ position }) => position <= from))
      }),
      { numRuns: 12 },
    )
  })

  test('given a dropped month, then its table is gone, and its events are not', async () => {
    await threeMonths()
    const before = await readAll()
    await months.archive()
    const all = await tables()
    await months.drop()
    // What is left is the month that is written and the next one.
    expect(await tables()).toEqual(all.slice(3))
    expect(all.slice(3)).toHaveLength(2)
    expect(await readAll()).toEqual(before)
    expect((await months.months()).map(({ dropped }) => dropped)).toEqual([true, true, true, false])
  })

  test('given archived events, when they are appended again, then they are known; others are refused', async () => {
    const [name, events] = [randomUUID(), [event({ n: 1 }), event({ n: 2 })]]
    const first = await log.append(name, events, NO_STREAM)
    await months.turn()
    expect(await log.append(name, events, NO_STREAM)).toEqual({ ...first, repeated: true })
    const other = log.append(name, [event({ n: 3 })], NO_STREAM)
    await expect(other).rejects.toThrow(WrongExpectedRevision)
    await expect(other).rejects.toMatchObject({ actual: 1 })
    await log.append(name, [event({ n: 3 })], 1)
    expect((await log.readStream(name)).map(({ data, revision }) => [data, revision])).toEqual([
      [{ n: 1 }, 0],
      [{ n: 2 }, 1],
      [{ n: 3 }, 2],
    ])
  })

  test('given a reader half-way through a month, when it is dropped, then it reads on in the archive', async () => {
    for (let n = 0; n < 3; n++) {
      const data = { n, filler: 'x'.repeat(1000) }
      await log.append(
        `many-${n}`,
        Array.from({ length: 400 }, () => event(data)),
        NO_STREAM,
      )
    }
    await months.nextMonth()
    await months.archive()
    const reading = log.readAll({ after: START })[Symbol.asyncIterator]()
    const seen = [...((await reading.next()).value as RecordedEvent[])]
    // It waits for the rows that are being read, so it may come before the next one or after.
    const dropping = eventually(() => months.drop())
    for (let next = await reading.next(); !next.done; next = await reading.next()) seen.push(...next.value)
    await dropping
    expect(seen.map(({ position }) => position)).toEqual(
      Array.from({ length: 1200 }, (_, n) => BigInt(n + 1)),
    )
  })

  test('given a month that is dropped between being found and being read, then it is read in the archive', async () => {
    await threeMonths()
    await months.archive()
    const source = {
      pool: months.pool,
      silenceMs: 5000,
      archives: new Archives(months.folder),
      query: async (statement: pg.QueryConfig) => {
        const found = await months.pool.query(statement)
        await months.drop()
        return found
      },
    }
    const seen: RecordedEvent[] = []
    for await (const events of readRange(source, START, 9n)) seen.push(...events)
    expect(seen.map(whole)).toEqual(await readAll())
    expect(seen).toHaveLength(9)
  })

  test('given a partition that is not what was archived any more, then it is not dropped', async () => {
    await threeMonths()
    await months.archive()
    const [first] = await tables()
    await months.pool.query(`delete from ${first} where position = 2`)
    await expect(months.drop()).rejects.toThrow(
      'holds 2 events from 1 to 3, which are not those of its archive',
    )
    expect(await tables()).toContain(first)
  })

  test('given an event that has gone from a table, then readers are told, and it is not archived', async () => {
    await threeMonths()
    const [first] = await tables()
    await months.pool.query(`delete from ${first} where position = 3`)
    await expect(readAll()).rejects.toThrow(/events are missing: \d{4}-\d\d ends at 2 instead of 3/)
    await expect(months.archive()).rejects.toThrow(ArchiveDiffers)
    await expect(months.archive()).rejects.toThrow('the log has nothing after position 2')
    expect(await readdir(months.folder)).toEqual([])
  })

  test('given JSON written in any way, then its text is kept to the letter', async () => {
    const texts = [
      '{ "b" : 1.50, "a":[1,  2], "2":null}',
      '{"n":1e3,"big":12345678901234567890,"zero":-0}',
      '{"tab":"\\t","letter":"\\u00e9é","half":"\\ud800","quote":"\\"\\\\"}',
      '{"same":1,"same":2}',
    ]
    for (const [n, text] of texts.entries())
      await months.pool.query(`select append_events($1, '-1', '0', $2, 'Tested', '1', $3, '')`, [
        `letter-${n}`,
        randomUUID(),
        text,
      ])
    const before = await readAll()
    await months.turn()
    expect(await readAll()).toEqual(before)
    expect(before.map(({ data }) => data)).toEqual(texts.map((text) => JSON.parse(text)))
  })
})

describe('a month that begins', () => {
  test('while many append and somebody follows, then nothing is lost, refused or out of order', async () => {
    const [other, stop] = [open(), new AbortController()]
    const seen: RecordedEvent[] = []
    const following = (async () => {
      for await (const batch of log.subscribe({ after: START, signal: stop.signal })) seen.push(...batch)
    })()
    let [appended, turning] = [0, true]
    const appending = Array.from({ length: 20 }, async (_, caller) => {
      for (; turning; appended++)
        await (caller % 2 ? log : other).append(randomUUID(), [event({ n: appended })], NO_STREAM)
    })
    for (let month = 0; month < 6; month++) {
      const from = appended
      await eventually(() => expect(appended).toBeGreaterThan(from + 20))
      await months.nextMonth()
    }
    turning = false
    await Promise.all(appending)
    await eventually(() => expect(seen).toHaveLength(appended))
    stop.abort()
    await following
    await other.close()
    expect(seen.map(({ position }) => position)).toEqual(
      Array.from({ length: appended }, (_, n) => BigInt(n + 1)),
    )
    expect((await months.months()).length).toBeGreaterThan(3)
  })

  test('finds its table ready, and makes the next one', async () => {
    await log.append('a', [event({})], NO_STREAM)
    const ready = await tables()
    expect(ready).toHaveLength(2)
    await months.nextMonth()
    await log.append('b', [event({})], NO_STREAM)
    expect((await tables()).slice(0, 2)).toEqual(ready)
    expect(await tables()).toHaveLength(3)
  })

  test('without a table, because nobody appended for a year, makes it itself', async () => {
    await log.append('a', [event({})], NO_STREAM)
    const later = new Date(months.now().getTime() + 400 * 86_400_000)
    const late = new PostgresEventLog({ databaseUrl: database.url, now: () => later })
    await late.append('b', [event({})], NO_STREAM)
    expect((await late.readStream('b'))[0]!.recordedAt).toBe(later.toISOString())
    await late.close()
    expect((await readAll()).map(({ stream }) => stream)).toEqual(['a', 'b'])
  })

  test('while somebody holds the table for long, waits for nobody: the next one is made later', async () => {
    await months.nextMonth()
    const ready = await tables()
    await months.pool.query('delete from log_months where first_position is null')
    await months.pool.query(`drop table ${ready.at(-1)}`)
    const analyst = await months.pool.connect()
    await analyst.query('begin; lock table events in share update exclusive mode')
    await log.append('a', [event({})], NO_STREAM)
    expect(await tables()).toEqual(ready.slice(0, -1))
    await analyst.query('rollback')
    analyst.release()
    await log.append('b', [event({})], NO_STREAM)
    expect(await tables()).toEqual(ready)
  })

  test('and a clock that is put back, then events go on in the newest month', async () => {
    await months.nextMonth()
    const behind = new PostgresEventLog({ databaseUrl: database.url })
    await behind.append('a', [event({})], NO_STREAM)
    expect((await behind.readStream('a'))[0]!.recordedAt).toBe(months.now().toISOString())
    await behind.close()
  })
})

describe('an archive that is not as it was', () => {
  const file = async () => join(months.folder, (await months.months())[0]!.archive!.file)
  const failure = async (reader = log) =>
    await readAll(reader).then(
      () => undefined,
      (error: Error) => error,
    )

  beforeEach(async () => {
    await threeMonths()
    await months.archive()
    await months.drop()
  })

  test('missing, then readers are told which month and which file, and a follower goes on when it is back', async () => {
    const path = await file()
    await rename(path, `${path}.away`)
    const error = await failure()
    expect(error).toBeInstanceOf(EventLogUnavailable)
    const { month } = (await months.months())[0]!
    expect(error!.message).toContain(
      `the archive of the events of ${month}, ${path}, cannot be read: there is no such file`,
    )
    await expect(log.readStream('only-0')).rejects.toThrow(EventLogUnavailable)
    // What does not need it goes on.
    expect(await log.readStream('only-1')).toHaveLength(2)
    await log.append('only-0', [event({})], 1)

    const [stop, errors, seen]: [AbortController, (Error | undefined)[], RecordedEvent[]] = [
      new AbortController(),
      [],
      [],
    ]
    const following = (async () => {
      const onConnection = (problem?: Error) => errors.push(problem)
      for await (const batch of log.subscribe({ after: START, signal: stop.signal, onConnection }))
        seen.push(...batch)
    })()
    await eventually(() => expect(errors.some((each) => each?.message.includes(path))).toBe(true))
    expect(seen).toEqual([])
    await rename(`${path}.away`, path)
    await eventually(() => expect(seen).toHaveLength(10))
    stop.abort()
    await following
  })

  test('with any byte changed, then nothing of what it touches is believed', async () => {
    const path = await file()
    const good = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), async (at) => {
        const bad = Buffer.from(good)
        bad[at]! ^= 1
        await writeFile(path, bad)
        const fresh = open()
        const error = await failure(fresh)
        await fresh.close()
        expect(error).toBeInstanceOf(EventLogUnavailable)
        expect(error!.message).toMatch(/it is damaged between the bytes/)
      }),
      { numRuns: 30 },
    )
    await writeFile(path, good)
    expect(await readAll()).toHaveLength(9)
  })

  test('cut short, then it says so', async () => {
    await truncate(await file(), 100)
    expect((await failure())!.message).toMatch(/it has 100 bytes instead of \d+/)
  })

  test('in a folder that this process was not told of, then it says so', async () => {
    const lost = new PostgresEventLog({ databaseUrl: database.url })
    expect((await failure(lost))!.message).toMatch(/cannot be read: ARCHIVE_DIR is not known here/)
    await lost.close()
  })
})
