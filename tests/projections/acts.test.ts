/** What operators do about parked events: in the projection, in a replay, in ranges, periods and rows alike. */
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { parkedStream } from '../../src/events/operator-events.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { OperatorsParkedEvents } from '../../src/operators/parked-events.ts'
import { ClientPool } from '../../src/postgres/client-pool.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { CategoryProjection } from '../../src/projections/category-projection.ts'
import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { PeriodStore } from '../../src/projections/periods/period-store.ts'
import { PollStates } from '../../src/projections/poll-states/poll-states.ts'
import { foldSegment } from '../../src/projections/poll-states/segment.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { Projector } from '../../src/projections/projector.ts'
import type { ReadModel } from '../../src/projections/read-model.ts'
import { SubmissionRowsStore } from '../../src/projections/submission-rows/submission-rows-store.ts'
import { SubmissionsProjection } from '../../src/projections/submission-rows/submissions-projection.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain, whole } from '../support/aggregates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Append, actions, tell, testPoll } from '../support/history.ts'
import { replayedPeriods, storedPeriods } from '../support/stored-periods.ts'
import { addedUp, plainSums, rowsOf } from './submission-rows/table.ts'

let database: TestDatabase
let log: PostgresEventLog
let store: ProjectionStore
let periods: PeriodStore
let rowsPool: ClientPool
let pool: Awaited<ReturnType<typeof openPool>>

beforeEach(async () => {
  database = await createTestDatabase()
  log = new PostgresEventLog({ databaseUrl: database.url })
  pool = await openPool({ databaseUrl: database.url, deadlineMs: 5000, size: 4 })
  rowsPool = new ClientPool({ databaseUrl: database.url, name: 'test rows', size: 2 })
  store = new ProjectionStore(pool)
  periods = new PeriodStore({ databaseUrl: database.url })
})
afterEach(async () => {
  await Promise.all([log.close(), periods.close(), rowsPool.close(), pool.end()])
  await database.drop()
})

/** A program that cannot read some of the events. */
const withoutEyesFor = (unread: (event: RecordedEvent) => boolean) => (event: RecordedEvent) =>
  unread(event) ? { ...event, data: { poll: (event.data as { poll: string }).poll } } : event

/** The projectors of a program, old or new, until `work` is done. */
async function projecting<T>(
  read: (event: RecordedEvent) => RecordedEvent,
  work: (snapshots: InProcessSnapshotStore) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const snapshots = new InProcessSnapshotStore()
  const results = new CategoryProjection({ log, store, snapshots })
  const rows = new SubmissionsProjection(rowsPool, {
    readStream: async (stream) => (await log.readStream(stream)).map(read),
  })
  const done = [results, rows].map((model) =>
    new Projector({
      log,
      bus: new InProcessBus(),
      model: reading(model, read),
      hold: async () => ({ lost: new AbortController().signal, release: async () => {} }),
    }).run(stop.signal),
  )
  try {
    return await work(snapshots)
  } finally {
    stop.abort()
    await Promise.all(done)
  }
}

const reading = (model: ReadModel, read: (event: RecordedEvent) => RecordedEvent): ReadModel => ({
  name: model.name,
  pace: { usualMs: 1, busyMs: 1 },
  load: async () => {
    const active = await model.load()
    return new Proxy(active, {
      get: (target, name) => {
        if (name === 'commit') return (events: readonly RecordedEvent[]) => target.commit(events.map(read))
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  },
})

const asItIs = (event: RecordedEvent) => event

const operators = () =>
  new OperatorsParkedEvents({ commands: { log, now: () => new Date(), newId: randomUUID }, store })

const write = async (appends: readonly Append[]) => {
  for (const { stream, events, expectedRevision } of appends)
    await log.append(stream, events, expectedRevision)
}

/** Both projectors have come to the log's head. */
async function caughtUp(): Promise<bigint> {
  const head = await log.head()
  await eventually(async () => {
    expect(await store.checkpoint()).toBe(head)
    expect(await new SubmissionRowsStore(rowsPool).checkpoint()).toBe(head)
  })
  return head
}

/** Snapshot, projection, periods and rows are what a replay with today's program gives. */
async function expectAgreement(snapshots: InProcessSnapshotStore): Promise<void> {
  const head = await caughtUp()
  const { fold, parked } = await replay(log)
  const stored = await store.load()
  expect([...stored.fold.polls.values()].map(whole)).toEqual([...fold.polls.values()].map(whole))
  expect((await store.parked()).map(({ position }) => position)).toEqual(
    parked.map(({ event }) => event.position),
  )
  expect(await storedPeriods(periods)).toEqual({ checkpoint: head, polls: await replayedPeriods(log) })
  for (const [poll, expected] of fold.polls) {
    await eventually(async () => expect(plain(await snapshots.get(poll))).toEqual(plain(expected)))
    const rows = await rowsOf(new SubmissionRowsStore(rowsPool), poll, { position: head })
    expect(addedUp(testPoll(poll), rows)).toEqual(plainSums(expected.counted, expected.categories))
  }
}

describe('parked events', () => {
  it('are counted once they can be read: in every tier, in periods and rows as in a replay', {
    timeout: 240_000,
  }, async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(
        actions({ minLength: 10, maxLength: 50 }),
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        async (acts, unread) => {
          run++
          const polls = [`one-${run}`, `two-${run}`] as const
          // No nonsense: what is parked in the end by today's program, too, is another test's.
          const sense = acts.filter(({ kind }) => kind !== 'broken')
          await write(tell(sense, polls))
          const old = withoutEyesFor(({ position }) => unread[Number(position) % unread.length]!)
          await projecting(old, caughtUp)
          await projecting(asItIs, async (snapshots) => {
            const waiting = await operators().list()
            const { applied, parked } = await operators().retry({ by: 'anna' })
            expect([...applied, ...parked.map(({ position }) => position)].sort()).toEqual(
              waiting.map(({ position }) => position).sort(),
            )
            // Two who have swapped their allocations may each wait for the other: only a rebuild helps them.
            fc.pre(parked.length === 0)
            await expectAgreement(snapshots)
          })
        },
      ),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('that are left out, or still cannot be applied, leave projection and replay the same', {
    timeout: 240_000,
  }, async () => {
    let run = 0
    await projecting(asItIs, async (snapshots) => {
      await fc.assert(
        fc.asyncProperty(
          actions({ minLength: 20, maxLength: 60 }),
          fc.array(fc.constantFrom('skip', 'retry', 'leave'), { minLength: 1, maxLength: 5 }),
          async (acts, choices) => {
            run++
            await write(tell(acts, [`one-${run}`, `two-${run}`]))
            await caughtUp()
            for (const [index, { position }] of (await operators().list()).entries()) {
              const choice = choices[index % choices.length]
              if (choice === 'skip') await operators().skip(position, { by: 'anna', reason: 'damaged' })
              if (choice === 'retry') {
                const { applied, parked } = await operators().retry({ by: 'anna', positions: [position] })
                expect({ applied, parked: parked.map((each) => each.position) }).toEqual({
                  applied: [],
                  parked: [position],
                })
              }
            }
            await expectAgreement(snapshots)
          },
        ),
        { numRuns: 5, endOnFailure: true },
      )
    })
  })

  it('are tried once if nothing comes of it, and all that cannot be read are told with the reason', async () => {
    const [opened] = tell([])
    const poll = (opened!.events[0]!.data as { poll: string }).poll
    const occurredAt = '2026-11-23T10:00:00.000Z'
    const bad = (data: object) => ({
      stream: `submission-${randomUUID()}`,
      expectedRevision: -1,
      events: [
        {
          id: randomUUID(),
          type: 'AllocationWithdrawn',
          schemaVersion: 1,
          data: { poll, occurredAt, ...data },
        },
      ],
    })
    const unfit = { submittedAt: occurredAt, replaces: { a: 1, b: 2, c: 9997 } }
    await write([opened!, bad({ replaces: 'nonsense' }), bad(unfit), bad({ replaces: 7 })])
    await projecting(asItIs, async () => {
      await caughtUp()
      const { applied, parked } = await operators().retry({ by: 'anna' })
      expect({ applied, parked: parked.map(({ position }) => position) }).toEqual({
        applied: [],
        parked: [2n, 3n, 4n],
      })
      for (const position of [2n, 3n, 4n]) {
        const acts = await log.readStream(parkedStream(position))
        expect(acts.map(({ type }) => type)).toEqual(['EventRetried'])
      }
      // The one that can be read does not fit; the others cannot be read.
      expect(parked[1]!.error).not.toMatch(/^AllocationWithdrawn: /)
      for (const { error, position } of parked)
        if (position !== 3n) expect(error).toMatch(/^AllocationWithdrawn: /)
    })
  })

  it('are known to states of the past, and those that lack what counts now are made again', async () => {
    const sample = fc.sample(actions({ minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 21 })[0]!
    const history = tell(sample.filter(({ kind }) => kind !== 'broken'))
    await write(history)
    const old = withoutEyesFor(({ position, type }) => type !== 'PollOpened' && position % 4n === 0n)
    await projecting(old, caughtUp)
    const states = new PollStates(pool)
    const keep = async (read: typeof asItIs, upTo: bigint) => {
      const { position: after } = await states.latest()
      const base = await states.polls(after)
      const readAll: typeof log.readAll = async function* (options) {
        for await (const batch of log.readAll(options)) yield batch.map(read)
      }
      expect(await states.save((await foldSegment({ readAll }, { base, after, upTo }))!)).toBe(true)
    }
    for (const upTo of [2n, 6n, 20n, await log.head()]) await keep(old, upTo)
    const [first] = await operators().list()
    await projecting(asItIs, async (snapshots) => {
      const { parked } = await operators().retry({ by: 'anna' })
      expect(parked).toEqual([])
      await expectAgreement(snapshots)
    })
    expect((await states.latest()).position < first!.position).toBe(true)
    const head = await log.head()
    await keep(asItIs, 30n)
    await keep(asItIs, head)
    const { fold } = await replay(log)
    expect((await states.polls(head)).map(whole)).toEqual([...fold.polls.values()].map(whole))
  })
})
