/** The states that are kept of an existing log and of a growing one, in a real database, are those of a replay. */
import fc from 'fast-check'
import type { DatabasePool } from 'slonik'
import { sql } from 'slonik'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { keepPollStates } from '../../src/projections/poll-states/keeper.ts'
import { PollStates } from '../../src/projections/poll-states/poll-states.ts'
import { foldSegment, type Segment } from '../../src/projections/poll-states/segment.ts'
import { answerPast } from '../../src/queries/past/answer-past.ts'
import { replay } from '../../src/queries/replay.ts'
import { plain } from '../support/aggregates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type Append, actions, tell } from '../support/history.ts'

let database: TestDatabase
let log: PostgresEventLog
let pool: DatabasePool
let states: PollStates

beforeEach(async () => {
  database = await createTestDatabase()
  log = new PostgresEventLog({ databaseUrl: database.url })
  pool = await openPool({ databaseUrl: database.url, deadlineMs: 5000, size: 4 })
  states = new PollStates(pool)
})

afterEach(async () => {
  await log.close()
  await pool.end()
  await database.drop()
})

const write = async (appends: readonly Append[]) => {
  for (const { stream, events, expectedRevision } of appends)
    await log.append(stream, events, expectedRevision)
}

const history = (seed: number) =>
  tell(fc.sample(actions({ minLength: 90, maxLength: 120 }), { numRuns: 1, seed })[0]!)

/** Keeps states every so many events until they have come so far. */
async function keepUntil(isDone: (kept: Segment[]) => Promise<boolean>, events = 10): Promise<Segment[]> {
  const stop = new AbortController()
  const kept: Segment[] = []
  const keeping = keepPollStates(
    {
      states,
      log,
      events,
      positionsPerEvent: 1n,
      lookEveryMs: 10,
      foldSegment: (range, signal) => foldSegment(log, range, signal),
      onKept: (segment) => kept.push(segment),
    },
    stop.signal,
  )
  await eventually(async () => expect(await isDone(kept)).toBe(true))
  stop.abort()
  await keeping
  return kept
}

/** As close to the head as whole segments come: small polls' states have fewer numbers than ten. */
const caughtUp = async () => (await log.head()) - (await states.latest()).position < 40n

async function expectRight(): Promise<void> {
  const { position } = await states.latest()
  expect(position).toBeGreaterThan(0n)
  const expected = (await replay(log, { upTo: position })).fold.polls
  const stored = await states.polls(position)
  const inOrder = stored.sort((a, b) => Number(a.openedAt - b.openedAt))
  expect(inOrder.map(plain)).toEqual([...expected.values()].map(plain))
}

describe('the states of the past', () => {
  it('are kept of a log that was there before, and of what comes', async () => {
    const appends = history(1)
    await write(appends.slice(0, 45))
    const keptSome = async (kept: Segment[]) => kept.length > 0 && (await caughtUp())
    const first = await keepUntil(keptSome)
    await expectRight()
    await write(appends.slice(45))
    const then = await keepUntil(keptSome)
    expect(then[0]!.after).toBe(first.at(-1)!.upTo)
    await expectRight()
  })

  it('answer for every position and any time', async () => {
    await write(history(2))
    await keepUntil(caughtUp)
    const head = await log.head()
    const { segments } = await states.timeline('one')
    expect(segments.length).toBeGreaterThan(1)
    expect(segments.some(({ hasEffect }) => hasEffect)).toBe(true)
    for (const upTo of [2n, 11n, 25n, head]) {
      for (const asOf of [undefined, segments[0]!.latest, segments[1]!.earliest]) {
        const moment = { upTo, ...(asOf !== undefined && { asOf }) }
        const question = { poll: 'one', ...moment, maxEvents: 1000n, positionsPerEvent: 1n }
        const onStatesFailed = (error: Error) => {
          throw error
        }
        const actual = await answerPast({ log, states }, question, { onStatesFailed })
        expect(plain(actual)).toEqual(plain((await replay(log, moment)).fold.polls.get('one')))
      }
    }
  })

  it('are never kept twice: who comes second finds another boundary', async () => {
    await write(history(3))
    const range = { base: [], after: 0n, upTo: 20n }
    const segment = (await foldSegment(log, range))!
    expect(await states.save(segment)).toBe(true)
    expect(await states.save((await foldSegment(log, { ...range, upTo: 30n }))!)).toBe(false)
    expect((await states.latest()).position).toBe(20n)
    await expectRight()
  })

  it('of another fold are not seen', async () => {
    await write(history(4))
    await keepUntil(caughtUp)
    for (const table of ['poll_states', 'poll_state_boundaries'])
      await pool.query(sql.unsafe`update ${sql.identifier([table])} set fold_version = fold_version + 1`)
    expect(await states.timeline('one')).toEqual({ segments: [], end: 0n })
    await keepUntil(caughtUp)
    await expectRight()
  })

  it('are kept once a day however little happens', async () => {
    await write(history(5))
    await keepUntil(caughtUp)
    const { position } = await states.latest()
    expect(await log.head()).toBeGreaterThan(position)
    await pool.query(sql.unsafe`update poll_state_boundaries set made_at = made_at - interval '1 day'`)
    await keepUntil(async () => (await states.latest()).position === (await log.head()), 1000)
    await expectRight()
  })
})
