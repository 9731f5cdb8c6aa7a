/** A database whose history was projected before there were periods: they are made up for while the results go on. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { PeriodStore } from '../../src/projections/periods/period-store.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector, type ProjectorOptions } from '../../src/projections/projector.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain } from '../support/aggregates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Append, actions, tell } from '../support/history.ts'
import { replayedPeriods, storedPeriods, withoutPeriods } from '../support/stored-periods.ts'

let database: TestDatabase
let log: PostgresEventLog
let store: ProjectionStore
let periods: PeriodStore
let snapshots: InProcessSnapshotStore
let closePool: () => Promise<void>

beforeEach(async () => {
  database = await createTestDatabase()
  log = new PostgresEventLog({ databaseUrl: database.url })
  const pool = await openPool({ databaseUrl: database.url, deadlineMs: 5000, size: 4 })
  store = new ProjectionStore(pool)
  periods = new PeriodStore({ databaseUrl: database.url })
  snapshots = new InProcessSnapshotStore()
  closePool = () => pool.end()
})

afterEach(async () => {
  await log.close()
  await periods.close()
  await closePool()
  await database.drop()
})

/** Projects for as long as `meanwhile` takes. */
async function projecting(options: Partial<ProjectorOptions>, meanwhile: () => Promise<void>): Promise<void> {
  const hold = (signal: AbortSignal) =>
    holdAdvisoryLock(database.url, locks.categoryAggregateProjector, signal)
  const projector = new Projector({ log, bus: new InProcessBus(), store, snapshots, hold, ...options })
  const stop = new AbortController()
  const running = projector.run(stop.signal)
  try {
    await meanwhile()
  } finally {
    stop.abort()
    await running
  }
}

const append = ({ stream, events, expectedRevision }: Append) => log.append(stream, events, expectedRevision)

const write = async (appends: readonly Append[]) => {
  for (const each of appends) await append(each)
}

const [one, two] = [['one', 'two'] as const, ['three', 'four'] as const]

const sample = (seed: number, polls: readonly [string, string], length: number) =>
  tell(fc.sample(actions({ minLength: length, maxLength: length }), { numRuns: 1, seed })[0]!, polls)

/** Many submissions of one poll, more than fit into one step. */
function manySubmissions(): Append[] {
  const submissions = sample(1, one, 1000).filter(
    ({ expectedRevision, events }) => expectedRevision === -1 && events[0]!.type === 'AllocationSubmitted',
  )
  const copies = Array.from({ length: 6500 }, (_, n) => submissions[n % submissions.length]!)
  return copies.map(({ expectedRevision, events }, n) => ({
    stream: `submission-${n}`,
    expectedRevision,
    events: [{ ...events[0]!, id: `7f0c1b1e-2a6e-4c57-9c3b-${String(n).padStart(12, '0')}` }],
  }))
}

const behind = async () => (await periods.checkpoint()) < (await store.checkpoint())

async function expectComplete(): Promise<void> {
  const head = await log.head()
  await eventually(async () => expect((await storedPeriods(periods)).checkpoint).toBe(head), 30_000)
  expect((await store.load()).checkpoint).toBe(head)
  expect(await storedPeriods(periods)).toEqual({ checkpoint: head, polls: await replayedPeriods(log) })
  const { fold } = await replay(log)
  for (const name of fold.polls.keys())
    expect(plain(await store.poll(name))).toEqual(plain(fold.polls.get(name)))
}

/** Looks at everything a reader may see, again and again: no position may ever be behind the one before. */
function watch() {
  const seen = { results: 0n, shown: 0n, periods: 0n, checkpoint: 0n }
  const backwards: string[] = []
  const see = (what: keyof typeof seen, position: bigint) => {
    if (position < seen[what]) backwards.push(`${what}: ${position} after ${seen[what]}`)
    seen[what] = position
  }
  snapshots.onChange(({ position, definition }) => definition.poll === 'one' && see('shown', position))
  const look = async () => {
    see('results', (await store.poll('one'))?.position ?? 0n)
    see('checkpoint', await store.checkpoint())
    const { checkpoint, periods: batches } = await periods.sums('one', 'change', { since: 0n })
    for await (const _ of batches);
    see('periods', checkpoint)
  }
  return { seen, backwards, look }
}

test('given a history from before, when projected, then nothing ever steps back and the periods complete themselves', async () => {
  await write(sample(2, one, 200))
  await Promise.all(manySubmissions().map(append))
  await projecting({}, expectComplete)
  await withoutPeriods(database.url)
  const before = await store.checkpoint()
  const { seen, backwards, look } = watch()
  seen.results = (await store.poll('one'))!.position
  seen.checkpoint = before
  let steps = 0
  const counting: ProjectorOptions['store'] = {
    load: () => store.load(),
    save: async (change) => {
      // What comes while the periods are behind goes on without them.
      if (await behind()) expect(change.periods).toBeUndefined()
      await store.save(change)
    },
    savePeriods: async (change) => {
      steps++
      if (steps === 1) await write(sample(3, two, 60))
      await store.savePeriods(change)
    },
  }
  await projecting({ store: counting }, async () => {
    await eventually(async () => {
      await look()
      expect(await behind()).toBe(false)
      expect(seen.periods).toBeGreaterThan(before)
    }, 30_000)
    await write(sample(4, ['five', 'six'], 60))
    await expectComplete()
    await look()
  })
  expect(backwards).toEqual([])
  expect(steps).toBeGreaterThanOrEqual(2)
})

test('given one who dies again and again while making up for them, then they complete themselves all the same', async () => {
  await write(sample(5, one, 200))
  await Promise.all(manySubmissions().map(append))
  await projecting({}, expectComplete)
  await withoutPeriods(database.url)
  let saves = 0
  const fragile: ProjectorOptions['store'] = {
    load: () => store.load(),
    save: (change) => store.save(change),
    savePeriods: async (change) => {
      saves++
      if (saves === 1 || saves === 3) throw new Error('died before the commit')
      await store.savePeriods(change)
      if (saves === 2 || saves === 5) throw new Error('died after the commit, before it knew')
    },
  }
  await projecting({ store: fragile, restartMs: 5 }, expectComplete)
  expect(saves).toBeGreaterThanOrEqual(4)
})
