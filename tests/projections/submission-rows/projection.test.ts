/** Whatever crashes, the rows are those of the log: neither lost nor made twice. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InProcessBus } from '../../../src/events/in-process-bus.ts'
import { PostgresEventLog } from '../../../src/events/postgres/postgres-event-log.ts'
import { relay } from '../../../src/events/relay.ts'
import { holdAdvisoryLock, locks } from '../../../src/postgres/advisory-lock.ts'
import type { ParkedEvent } from '../../../src/projections/fold.ts'
import { Projector, type ProjectorOptions } from '../../../src/projections/projector.ts'
import { CheckpointMoved, FoldChanged, type ReadModel } from '../../../src/projections/read-model.ts'
import { replay } from '../../../src/queries/replay.ts'
import { eventually } from '../../support/eventually.ts'
import { type Append, actions, tell } from '../../support/history.ts'
import { recorded } from '../../support/recorded.ts'
import { addedUp, createRowsTable, plainSums, type RowsTable, rowsOf } from './table.ts'

let table: RowsTable
let log: PostgresEventLog
let running: (() => Promise<void>)[] = []

beforeEach(async () => {
  table = await createRowsTable()
  log = new PostgresEventLog({ databaseUrl: table.url })
})
afterEach(async () => {
  for (const stop of running.reverse()) await stop()
  running = []
  await log.close()
  await table.drop()
})

function run(work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController()
  const done = work(stop.signal)
  running.push(async () => {
    stop.abort()
    await done
  })
}

function start(bus: InProcessBus, options: Partial<ProjectorOptions> = {}): void {
  const hold = (signal: AbortSignal) => holdAdvisoryLock(table.url, locks.submissionsProjector, signal)
  const projector = new Projector({ log, bus, model: table.projection, hold, restartMs: 5, ...options })
  run((signal) => projector.run(signal))
}

const write = async (appends: readonly Append[]) => {
  for (const { stream, events, expectedRevision } of appends)
    await log.append(stream, events, expectedRevision)
}

async function expectRows(): Promise<void> {
  const position = await log.head()
  await eventually(async () => expect(await table.store.checkpoint()).toBe(position))
  const { fold } = await replay(log)
  for (const poll of fold.polls.values()) {
    const { definition, counted, excluded, withdrawn, categories } = poll
    const rows = await rowsOf(table.store, definition.poll, { position })
    expect(addedUp(definition, rows)).toEqual(plainSums(counted, categories))
    const none = { counted: 0, excluded: 0, withdrawn: 0, categories: [] }
    const sums = (await table.store.aggregates(position)).get(definition.poll) ?? none
    expect(sums).toMatchObject({ counted, excluded, withdrawn })
    if (counted > 0) expect(plainSums(counted, sums.categories)).toEqual(plainSums(counted, categories))
  }
  const [{ unknown }] = await table.query("select unknown::int from projections where name = 'submissions'")
  expect(unknown).toBe(fold.unknown)
}

const sample = (seed: number) =>
  tell(fc.sample(actions({ minLength: 80, maxLength: 120 }), { numRuns: 1, seed })[0]!)

describe('the projection of submissions', () => {
  it('reads what was there before it, then follows', async () => {
    const history = sample(21)
    await write(history.slice(0, 30))
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    start(bus)
    await expectRows()
    await write(history.slice(30))
    await expectRows()
  })

  it('is right when it dies before or after any commit', async () => {
    let commits = 0
    const fragile: ReadModel = {
      name: table.projection.name,
      pace: table.projection.pace,
      load: async () => {
        const active = await table.projection.load()
        return {
          get checkpoint() {
            return active.checkpoint
          },
          commit: async (events) => {
            commits++
            if (commits % 3 === 1) throw new Error('died before the commit')
            const parked = await active.commit(events)
            if (commits % 3 === 2) throw new Error('died after the commit, before it knew')
            return parked
          },
          show: () => active.show(),
        }
      },
    }
    start(new InProcessBus(), { model: fragile })
    const history = sample(22)
    for (let n = 0; n < 24; n += 6) {
      await write(history.slice(n, n + 6))
      await expectRows()
    }
    expect(commits).toBeGreaterThanOrEqual(4)
  })

  it('makes nothing twice when two believe to be the active one', async () => {
    const errors: Error[] = []
    const bus = new InProcessBus()
    run((signal) => relay({ log, bus, neededAfter: () => log.head() }, signal))
    const hold = async () => ({ lost: new AbortController().signal, release: async () => {} })
    const onError = (error: Error) => errors.push(error)
    start(bus, { hold, onError })
    start(bus, { hold, onError })
    for (const append of sample(23)) await write([append])
    await expectRows()
    expect(errors.filter((error) => !(error instanceof CheckpointMoved))).toEqual([])
    expect(errors.length).toBeGreaterThan(0)
  })

  it('tells what takes back what another gave, and goes on', async () => {
    const told: string[] = []
    start(new InProcessBus(), { onParked: ({ error }: ParkedEvent) => told.push(error) })
    const history = sample(24)
    await write(history)
    await expectRows()
    const [stranger] = recorded(history).filter(({ type }) => type === 'AllocationSubmitted')
    const { poll, allocation } = stranger!.data as { poll: string; allocation: object }
    const now = '2026-02-01T00:00:00.000Z'
    const data = { poll, replaces: allocation, submittedAt: now, occurredAt: now }
    const id = '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01'
    await log.append(`submission-${id}`, [{ id, type: 'AllocationWithdrawn', schemaVersion: 1, data }], -1)
    await eventually(async () => expect(await table.store.checkpoint()).toBe(await log.head()))
    expect(told).toEqual(['it was never submitted'])
  })

  it('does not go on from what other code has made', async () => {
    await table.query("update projections set fold_version = 99 where name = 'submissions'")
    await expect(table.projection.load()).rejects.toThrow(FoldChanged)
  })
})
