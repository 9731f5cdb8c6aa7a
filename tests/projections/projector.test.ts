/** Whatever the bus and the crashes do, the projection equals a replay of the log. */
import fc from 'fast-check'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus, EventBatch } from '../../src/events/bus.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { relay } from '../../src/events/relay.ts'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { openPool } from '../../src/postgres/pool.ts'
import {
  CategoryProjection,
  type CategoryProjectionOptions,
} from '../../src/projections/category-projection.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { PeriodStore } from '../../src/projections/periods/period-store.ts'
import { type ProjectionChange, ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector, type ProjectorOptions } from '../../src/projections/projector.ts'
import { CheckpointMoved } from '../../src/projections/read-model.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain } from '../support/aggregates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Append, actions, tell } from '../support/history.ts'
import { replayedPeriods, storedPeriods } from '../support/stored-periods.ts'

let database: TestDatabase
let log: PostgresEventLog
let store: ProjectionStore
let periods: PeriodStore
let closePool: () => Promise<void>
let running: { stop: () => Promise<void> }[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  log = new PostgresEventLog({ databaseUrl: database.url })
  const pool = await openPool({ databaseUrl: database.url, deadlineMs: 5000, size: 4 })
  store = new ProjectionStore(pool)
  periods = new PeriodStore({ databaseUrl: database.url })
  closePool = () => pool.end()
})

afterEach(async () => {
  for (const each of running.reverse()) await each.stop()
  running = []
  await log.close()
  await periods.close()
  await closePool()
  await database.drop()
})

function run(work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController()
  const done = work(stop.signal)
  running.push({
    stop: async () => {
      stop.abort()
      await done
    },
  })
}

type Options = Partial<ProjectorOptions & Pick<CategoryProjectionOptions, 'store'>>

function startProjector(
  bus: Bus,
  { store: other = store, ...options }: Options = {},
): InProcessSnapshotStore {
  const snapshots = new InProcessSnapshotStore()
  const hold = (signal: AbortSignal) =>
    holdAdvisoryLock(database.url, locks.categoryAggregateProjector, signal)
  const model = new CategoryProjection({ log, store: other, snapshots })
  const projector = new Projector({ log, bus, model, hold, ...options })
  run((signal) => projector.run(signal))
  return snapshots
}

const write = async (appends: readonly Append[]) => {
  for (const { stream, events, expectedRevision } of appends)
    await log.append(stream, events, expectedRevision)
}

async function parkedPositions(): Promise<bigint[]> {
  const client = new pg.Client(database.url)
  await client.connect()
  const { rows } = await client.query('select position from parked_events order by position')
  await client.end()
  return rows.map(({ position }) => BigInt(position))
}

/** The stored projection has come to the log's head and is what a replay gives. */
async function expectProjected(snapshots?: InProcessSnapshotStore): Promise<void> {
  const head = await log.head()
  await eventually(async () => expect((await store.load()).checkpoint).toBe(head))
  const [{ fold: stored }, { fold: expected, parked }] = [await store.load(), await replay(log)]
  expect([...stored.polls.values()].map(plain)).toEqual([...expected.polls.values()].map(plain))
  expect(stored.unknown).toBe(expected.unknown)
  expect(await storedPeriods(periods)).toEqual({ checkpoint: head, polls: await replayedPeriods(log) })
  expect(await parkedPositions()).toEqual(parked.map(({ event }) => event.position))
  if (snapshots)
    await eventually(async () => {
      for (const poll of expected.polls.values())
        expect(plain(await snapshots.get(poll.definition.poll))).toEqual(plain(poll))
    })
}

class KeepingBus extends InProcessBus {
  override readonly keepsBatches = true
}

/** A bus that loses, repeats, splits and swaps what is published, as `seed` has it. */
class FaultyBus extends InProcessBus {
  readonly #random: () => number
  #kept: EventBatch | undefined

  constructor(random: () => number) {
    super()
    this.#random = random
  }

  protected override async deliver(batch: EventBatch): Promise<void> {
    const dice = this.#random()
    if (dice < 0.2) return
    if (dice < 0.4) this.#kept = batch
    await super.deliver(batch)
    if (dice > 0.8 && this.#kept) await super.deliver(this.#kept)
    if (dice > 0.6) await super.deliver(batch)
  }
}

/** A small generator of numbers in [0, 1), the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

const sample = (seed: number) =>
  tell(fc.sample(actions({ minLength: 80, maxLength: 120 }), { numRuns: 1, seed })[0]!)

describe('projector', () => {
  it('reads what was there before it, then follows', async () => {
    const history = sample(1)
    await write(history.slice(0, 20))
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const snapshots = startProjector(bus)
    await expectProjected(snapshots)
    await write(history.slice(20))
    await expectProjected(snapshots)
  })

  it.each([11, 12, 13])('is right on a bus that loses, repeats and swaps (seed %i)', async (seed) => {
    const bus = new FaultyBus(randomFrom(seed))
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const snapshots = startProjector(bus)
    for (const append of sample(seed)) await write([append])
    await expectProjected(snapshots)
  })

  it('is right when the bus says nothing at all: it asks the log', async () => {
    const snapshots = startProjector(new InProcessBus())
    await write(sample(2))
    await expectProjected(snapshots)
  })

  it('is right when the bus repeats the past in other pieces', async () => {
    const bus = new InProcessBus()
    startProjector(bus)
    await write(sample(3))
    const events: RecordedEvent[] = []
    for await (const batch of log.readAll({ after: 0n })) events.push(...batch)
    const random = randomFrom(3)
    const publisher = await bus.publisher()
    for (let n = 0; n < 50; n++) {
      const first = 1 + Math.floor(random() * (events.length - 1))
      const piece = events.slice(first, first + 1 + Math.floor(random() * 20))
      await publisher.publish({ previous: events[first - 1]!.position, events: piece })
    }
    await expectProjected()
  })

  it('is right when it dies before or after any commit', async () => {
    let saves = 0
    const fragile: CategoryProjectionOptions['store'] = {
      load: () => store.load(),
      savePeriods: (change) => store.savePeriods(change),
      save: async (change: ProjectionChange) => {
        saves++
        if (saves % 3 === 1) throw new Error('died before the commit')
        await store.save(change)
        if (saves % 3 === 2) throw new Error('died after the commit, before it knew')
      },
    }
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const snapshots = startProjector(bus, { store: fragile, restartMs: 5 })
    const history = sample(4)
    for (let n = 0; n < 24; n += 6) {
      await write(history.slice(n, n + 6))
      await expectProjected(snapshots)
    }
    expect(saves).toBeGreaterThanOrEqual(4)
  })

  it('applies nothing twice when two believe to be the active one', async () => {
    const errors: Error[] = []
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const alone = async () => ({ lost: new AbortController().signal, release: async () => {} })
    const onError = (error: Error) => errors.push(error)
    startProjector(bus, { hold: alone, onError })
    startProjector(bus, { hold: alone, onError })
    for (const append of sample(5)) await write([append])
    await expectProjected()
    expect(errors.every((error) => error instanceof CheckpointMoved)).toBe(true)
    expect(errors.length).toBeGreaterThan(0)
  })

  it('has a standby that takes over when the active one goes', async () => {
    const active: string[] = []
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    startProjector(bus, { onActive: (is) => active.push(`first ${is}`) })
    await eventually(() => expect(active).toEqual(['first true']))
    startProjector(bus, { onActive: (is) => active.push(`second ${is}`) })
    const history = sample(6)
    await write(history.slice(0, 10))
    await expectProjected()
    expect(active).toEqual(['first true'])
    await running.splice(1, 1)[0]!.stop()
    await eventually(() => expect(active).toEqual(['first true', 'first false', 'second true']))
    await write(history.slice(10))
    await expectProjected()
  })

  it('stops being active when its lock is lost, and starts anew', async () => {
    const active: boolean[] = []
    let lose = () => {}
    const hold: ProjectorOptions['hold'] = async () => {
      const lost = new AbortController()
      lose = () => lost.abort()
      return { lost: lost.signal, release: async () => {} }
    }
    startProjector(new InProcessBus(), { hold, onActive: (is) => active.push(is) })
    await eventually(() => expect(active).toEqual([true]))
    lose()
    await eventually(() => expect(active).toEqual([true, false, true]))
  })

  it('keeps what it parks with the error, and goes on', async () => {
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const told: string[] = []
    startProjector(bus, { onParked: ({ error }) => told.push(error) })
    const data = { poll: 'nowhere', occurredAt: '2026-01-01T00:00:00.000Z' }
    const id = '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01'
    await log.append('poll-nowhere', [{ id, type: 'PollClosed', schemaVersion: 1, data }], -1)
    await write(sample(8))
    await expectProjected()
    expect(told).toContain('poll nowhere was never opened')
  })

  it('does not believe a bus that brings what it kept and the log has no more', async () => {
    const bus = new KeepingBus()
    startProjector(bus)
    const history = sample(9)
    await write(history.slice(0, 20))
    await expectProjected()
    const events: RecordedEvent[] = []
    for await (const batch of log.readAll({ after: 0n })) events.push(...batch)
    const head = events.at(-1)!.position
    const lost = { ...events.at(-1)!, position: head + 1n }
    await (await bus.publisher()).publish({ previous: head, events: [lost] })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await store.load()).checkpoint).toBe(head)
    await write(history.slice(20))
    await expectProjected()
  })

  it('stands still, and says why, when it has come further than the log', async () => {
    const errors: Error[] = []
    const client = new pg.Client(database.url)
    await client.connect()
    await write(sample(10))
    await client.query('update projections set position = position + 1000000')
    startProjector(new InProcessBus(), { onError: (error) => errors.push(error), restartMs: 5 })
    await eventually(() => expect(errors.length).toBeGreaterThan(3))
    expect(new Set(errors.map(({ name }) => name))).toEqual(new Set(['LogWentBack']))
    expect(errors[0]!.message).toMatch(/^the event log ends at position \d+, before position 1000000 /)
    await client.end()
  })
})
