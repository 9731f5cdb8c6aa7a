import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBackup } from '../../src/backup/make-backup.ts'
import { pollsOf } from '../../src/backup/manifest.ts'
import { openBackup } from '../../src/backup/read-backup.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { NO_STREAM, START } from '../../src/events/event-log.ts'
import { LogNotEmpty, ReadOnlyCopy } from '../../src/events/log-copy.ts'
import { PostgresLogCopy } from '../../src/events/postgres/copy/postgres-log-copy.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { Fold } from '../../src/projections/fold.ts'
import { ArchivedMonths } from '../support/archived-months.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Append, actions, tell } from '../support/history.ts'
import { MemoryLog, recorded } from '../support/memory-log.ts'
import { temporaryFolder } from './file.ts'

const signal = new AbortController().signal
const onProgress = () => {}
let place: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  place = await temporaryFolder()
})
afterAll(() => place.remove())

const about = { database: 'a test', schema: '0', now: () => new Date(), signal, onProgress }

async function query(url: string, text: string) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array', types: { getTypeParser: () => String } })).rows
  } finally {
    await client.end()
  }
}

/** Every column of every event, to the letter. */
const rowsOf = (url: string) => query(url, 'select * from events order by position')
const placesOf = (url: string) => query(url, 'select * from event_places order by position')
const monthsOf = (url: string) =>
  query(
    url,
    `select month, first_position, lead(first_position) over (order by month) from log_months
      where first_position is not null and first_position <= (select max(position) from event_places) order by 1`,
  )

async function append(log: PostgresEventLog, appends: readonly Append[]): Promise<void> {
  for (const { stream, events, expectedRevision } of appends)
    await log.append(stream, events, expectedRevision).catch(() => {})
}

async function withDatabases(
  count: number,
  work: (databases: TestDatabase[]) => Promise<void>,
): Promise<void> {
  const databases = await Promise.all(Array.from({ length: count }, () => createTestDatabase()))
  try {
    await work(databases)
  } finally {
    await Promise.all(databases.map((database) => database.drop()))
  }
}

async function foldOf(url: string, archiveDir?: string): Promise<Fold> {
  const log = new PostgresEventLog({ databaseUrl: url, archiveDir })
  const fold = new Fold()
  for await (const batch of log.readAll({ after: START })) for (const event of batch) fold.apply(event)
  await log.close()
  return fold
}

/** Backs up one database and restores the file into the other. */
async function move(from: string, to: string, archiveDir = place.folder): Promise<string> {
  const path = join(place.folder, randomUUID())
  const log = new PostgresEventLog({ databaseUrl: from, archiveDir })
  const upTo = await log.head()
  await log.close()
  const source = new PostgresLogCopy({ databaseUrl: from, archiveDir })
  await makeBackup({ ...about, path, copy: source, upTo }).finally(() => source.close())
  await restore(path, to)
  return path
}

async function restore(path: string, to: string): Promise<void> {
  const opened = await openBackup(path)
  const target = new PostgresLogCopy({ databaseUrl: to, archiveDir: place.folder })
  try {
    await restoreBackup(opened, target, { signal, onProgress })
  } finally {
    await target.close()
    await opened.close()
  }
}

describe('backup and restore', () => {
  test('given any history over months, some of them archived, then the restored log is the same, and its results', {
    timeout: 120_000,
  }, async () => {
    const month = fc.record({
      acts: actions({ maxLength: 15 }),
      ending: fc.constantFrom('', 'archive', 'drop'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(month, { minLength: 1, maxLength: 4 }), async (months) => {
        await withDatabases(2, async ([from, to]) => {
          const archived = await ArchivedMonths.open(from!.url)
          const { now, folder } = archived
          const log = new PostgresEventLog({ databaseUrl: from!.url, archiveDir: folder, now })
          const history = tell(months.flatMap(({ acts }) => acts))
          // Cut into as many pieces as there are months.
          const size = Math.ceil(history.length / months.length)
          let whole: unknown[] = []
          for (const [index, { ending }] of months.entries()) {
            await append(log, history.slice(index * size, (index + 1) * size))
            whole = [...whole, ...(await rowsOf(from!.url))]
            await archived.nextMonth()
            if (ending !== '') await archived.archive()
            if (ending === 'drop') await archived.drop()
          }
          const unique = [...new Map(whole.map((row) => [(row as string[])[0], row])).values()]
          const path = await move(from!.url, to!.url, folder)
          expect(await rowsOf(to!.url)).toEqual(unique)
          expect(await placesOf(to!.url)).toEqual(await placesOf(from!.url))
          expect(await monthsOf(to!.url)).toEqual(await monthsOf(from!.url))
          const opened = await openBackup(path)
          await opened.close()
          expect(pollsOf(opened.manifest)).toEqual((await foldOf(from!.url, folder)).polls)
          expect((await foldOf(to!.url)).polls).toEqual(pollsOf(opened.manifest))
          await log.close()
          await archived.close()
        })
      }),
      { numRuns: 6 },
    )
  })

  test('given a restored log, then it goes on where it ended, knows what was repeated, and can be archived', async () => {
    await withDatabases(2, async ([from, to]) => {
      const history = tell(fc.sample(actions({ minLength: 30 }), 1)[0]!)
      const past = new PostgresEventLog({
        databaseUrl: from!.url,
        now: () => new Date('2026-01-15T00:00:00Z'),
      })
      await append(past, history)
      const head = await past.head()
      await past.close()
      await move(from!.url, to!.url)
      const log = new PostgresEventLog({ databaseUrl: to!.url, archiveDir: place.folder })
      expect(await log.head()).toBe(head)
      const { stream, events, expectedRevision } = history[0]!
      expect(await log.append(stream, events, expectedRevision)).toMatchObject({
        position: 1n,
        repeated: true,
      })
      const event = { id: randomUUID(), type: 'Tested', schemaVersion: 1, data: {} }
      expect(await log.append('new', [event], NO_STREAM)).toMatchObject({ position: head + 1n })
      expect((await log.readStream('new')).map(({ id }) => id)).toEqual([event.id])
      await log.close()
      const archived = await ArchivedMonths.open(to!.url)
      await archived.turn()
      expect((await archived.months()).filter(({ dropped }) => dropped).length).toBeGreaterThan(0)
      await archived.close()
    })
  })

  test('given a log that is not empty, then nothing is restored into it, and it says why', async () => {
    await withDatabases(3, async ([from, to, made]) => {
      const log = new PostgresEventLog({ databaseUrl: to!.url })
      await log.append('there', [{ id: randomUUID(), type: 'Tested', schemaVersion: 1, data: {} }], NO_STREAM)
      await log.close()
      await expect(move(from!.url, to!.url)).rejects.toThrow(
        new LogNotEmpty(
          'The event log of this database has 1 events already: restore into a new, empty database.',
        ),
      )
      await query(made!.url, `update projections set position = 7 where name = 'submissions'`)
      await expect(move(from!.url, made!.url)).rejects.toThrow(
        'there are read models that were made from another one',
      )
      expect(await placesOf(made!.url)).toEqual([])
    })
  })

  test('given a file that is damaged near its end, when restored, then the database is as empty as it was', async () => {
    await withDatabases(3, async ([from, to, bad]) => {
      const log = new PostgresEventLog({ databaseUrl: from!.url })
      await append(log, tell(fc.sample(actions({ minLength: 40 }), 1)[0]!))
      await log.close()
      const path = await move(from!.url, to!.url)
      const opened = await openBackup(path)
      const events: typeof opened.events = async function* (options) {
        yield* opened.events(options)
        throw new Error('damaged')
      }
      const target = new PostgresLogCopy({ databaseUrl: bad!.url, archiveDir: place.folder })
      const before = await query(
        bad!.url,
        'select month, first_position, last_position from log_months order by 1',
      )
      const restoring = restoreBackup({ manifest: opened.manifest, events }, target, { signal, onProgress })
      await expect(restoring).rejects.toThrow('damaged')
      expect(await target.obstacle()).toBeUndefined()
      expect(await placesOf(bad!.url)).toEqual([])
      expect(
        await query(bad!.url, 'select month, first_position, last_position from log_months order by 1'),
      ).toEqual(before)
      await opened.close()
      await restore(path, bad!.url)
      expect(await rowsOf(bad!.url)).toEqual(await rowsOf(from!.url))
      await target.close()
      await rm(path)
    })
  })

  test('given a log whose positions are not numbered one by one, then the events get new ones, and the same results', async () => {
    await withDatabases(1, async ([to]) => {
      const times = ['2026-01-01T00:00:00.000Z', '2026-02-03T00:00:00.000Z', '2026-01-31T23:59:59.999Z']
      const events = recorded(tell(fc.sample(actions({ minLength: 40 }), 1)[0]!)).map((event, index) => ({
        ...event,
        position: event.position * 640n,
        recordedAt: times[Math.floor((index * times.length) / 60) % times.length]!,
      }))
      const log = new MemoryLog(events)
      const path = join(place.folder, randomUUID())
      const copy = new ReadOnlyCopy(log)
      const { manifest } = await makeBackup({ ...about, path, copy, upTo: log.head })
      expect(manifest.log).toBe('eventstore')
      await restore(path, to!.url)
      const rows = await placesOf(to!.url)
      expect(rows.map(([position, , , id]) => [position, id])).toEqual(
        events.map(({ id }, index) => [`${index + 1}`, id]),
      )
      const numbersOf = (polls: Fold['polls'] | ReturnType<typeof pollsOf>) =>
        [...polls.values()].map(({ position: _, openedAt: __, parkedAt: ___, ...numbers }) => numbers)
      expect(numbersOf((await foldOf(to!.url)).polls)).toEqual(numbersOf(pollsOf(manifest)))
    })
  })

  test('given a served result that somebody changed, when backed up, then that is told', async () => {
    const events = recorded(tell(fc.sample(actions({ minLength: 20 }), 1)[0]!))
    const log = new MemoryLog(events)
    const fold = new Fold()
    for (const event of events.slice(0, 10)) fold.apply(event)
    const options = {
      ...about,
      path: join(place.folder, randomUUID()),
      copy: new ReadOnlyCopy(log),
      upTo: log.head,
    }
    const checkpoint = events[9]!.position
    const right = await makeBackup({ ...options, served: { checkpoint, polls: fold.polls } })
    expect(right.differences.size).toBe(0)
    const one = fold.polls.get('one')!
    const polls = new Map(fold.polls).set('one', { ...one, excluded: one.excluded + 1 })
    const wrong = await makeBackup({ ...options, served: { checkpoint, polls } })
    expect([...wrong.differences]).toEqual([
      ['one', [{ what: 'excluded', expected: `${one.excluded}`, actual: `${one.excluded + 1}` }]],
    ])
  })
})

/** Every table is either the log, which a backup holds, or made from it, or of no use in another database. */
const derived = [
  'category_aggregates',
  'parked_events',
  'period_aggregates',
  'period_months',
  'poll_aggregates',
  'poll_state_boundaries',
  'poll_states',
  'projections',
  'submission_row_changes',
  'submission_row_polls',
  'submission_rows',
]
const theLog = ['event_places', 'events', 'log_months']
const ofTheDatabase = [
  'backups',
  'daily_sizes',
  'migrations',
  'processes',
  'projection_builds',
  'projection_models',
]

test('given every table, then it is known whether a backup must hold it', async () => {
  await withDatabases(1, async ([database]) => {
    const tables = await query(
      database!.url,
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and not relispartition order by 1`,
    )
    expect(tables.flat()).toEqual([...derived, ...theLog, ...ofTheDatabase].sort())
  })
})
