/** Whatever happened, the rows that counted at a moment add up to what a replay to that moment gives. */
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../../src/events/event-log.ts'
import { Fold } from '../../../src/projections/fold.ts'
import type { RowsAt } from '../../../src/projections/submission-rows.ts'
import { replay } from '../../../src/queries/replay.ts'
import { actions, tell, testPoll } from '../../support/history.ts'
import { readOnlyLog, recorded } from '../../support/recorded.ts'
import { addedUp, createRowsTable, plainSums, type RowsTable, rowsOf } from './table.ts'

let table: RowsTable
beforeAll(async () => {
  table = await createRowsTable()
})
beforeEach(() => table.empty())
afterAll(() => table?.drop())

const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 })
const shifts = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 20 })
type Act = Parameters<typeof tell>[0][number]

const options = { numRuns: 40, endOnFailure: true }

type Timed = RecordedEvent & { readonly data: { readonly occurredAt: string; readonly submittedAt?: string } }

const shifted = (time: string, seconds: number) => new Date(Date.parse(time) + seconds * 1000).toISOString()

/** As after an import: the times of one submission against those of another are as they may be, its own in order. */
function shiftSubmissions(events: readonly RecordedEvent[], by: readonly number[]): Timed[] {
  const streams = [...new Set(events.map(({ stream }) => stream))]
  return (events as Timed[]).map((event) => {
    const seconds = by[streams.indexOf(event.stream) % by.length]!
    const { occurredAt, submittedAt } = event.data
    const data = { ...event.data, occurredAt: shifted(occurredAt, seconds) }
    return { ...event, data: submittedAt ? { ...data, submittedAt: shifted(submittedAt, seconds) } : data }
  })
}

/** As with servers whose clocks differ, and go back. */
const shiftEvents = (events: readonly RecordedEvent[], by: readonly number[]): Timed[] =>
  (events as Timed[]).map((event, index) => {
    const occurredAt = shifted(event.data.occurredAt, by[index % by.length]!)
    return { ...event, data: { ...event.data, occurredAt } }
  })

/** The same acts, all on the first three submissions: long lives, in which there is much to mistake. */
const onFew = (acts: readonly Act[]): Act[] =>
  acts.map((act, index) => {
    if (index < 3) return { ...act, kind: 'submit' }
    return act.kind === 'submit' ? { ...act, kind: 'revise' } : act
  })

/** With every time raised to the latest at which the submission has been changed before. */
function inOrder(events: readonly Timed[]): Timed[] {
  const latest = new Map<string, string>()
  const fold = new Fold()
  return events.map((event) => {
    const { unknown } = fold
    if (fold.apply(event) || fold.unknown > unknown) return event
    const occurredAt = [event.data.occurredAt, latest.get(event.stream) ?? ''].sort()[1]!
    latest.set(event.stream, occurredAt)
    return { ...event, data: { ...event.data, occurredAt } }
  })
}

async function expectAgreement(events: readonly RecordedEvent[], at: RowsAt): Promise<void> {
  const { position: upTo, asOf } = at
  const { fold } = await replay(readOnlyLog(events) as never, { upTo, ...(asOf && { asOf }) })
  for (const poll of ['one', 'two']) {
    const rows = await rowsOf(table.store, poll, at)
    const replayed = fold.polls.get(poll)
    const expected = replayed ? plainSums(replayed.counted, replayed.categories) : addedUp(testPoll(poll), [])
    expect(addedUp(testPoll(poll), rows)).toEqual(expected)
  }
}

const times = (events: readonly Timed[]) => [...new Set(events.map(({ data }) => data.occurredAt))].sort()

describe('the rows that counted', () => {
  it('at every position are the replay to it, however the events came', { timeout: 120_000 }, async () => {
    const history = fc.asyncProperty(actions(), sizes, async (acts, batches) => {
      await table.empty()
      const events = recorded(tell(acts))
      await table.project(events, batches)
      expect(await table.store.checkpoint()).toBe(events.at(-1)!.position)
      for (const { position } of events) await expectAgreement(events, { position })
    })
    await fc.assert(history, options)
  })

  it('as of every time are the replay to it, in whatever order submissions came', {
    timeout: 120_000,
  }, async () => {
    const history = fc.asyncProperty(actions(), sizes, shifts, fc.nat(), async (acts, batches, by, cut) => {
      await table.empty()
      const events = shiftSubmissions(recorded(tell(acts)), by)
      await table.project(events, batches)
      const position = BigInt((cut % events.length) + 1)
      for (const asOf of times(events)) await expectAgreement(events, { position, asOf })
    })
    await fc.assert(history, options)
  })

  it('as of every time, where clocks went back, are the replay in which nothing happens before what it changes', {
    timeout: 120_000,
  }, async () => {
    const history = fc.asyncProperty(actions(), sizes, shifts, fc.nat(), async (acts, batches, by, cut) => {
      await table.empty()
      const events = shiftEvents(recorded(tell(onFew(acts))), by)
      await table.project(events, batches)
      const position = BigInt((cut % events.length) + 1)
      for (const asOf of times(events)) await expectAgreement(inOrder(events), { position, asOf })
      await expectAgreement(events, { position })
    })
    await fc.assert(history, options)
  })

  it('are all in the order of their positions, with times and pseudonyms in the form that the port promises', async () => {
    const acts = fc.sample(actions({ minLength: 60 }), { numRuns: 1, seed: 3 })[0]!
    const events = recorded(tell(acts))
    await table.project(events, [1000])
    const rows = await rowsOf(table.store, 'one', { position: events.at(-1)!.position })
    expect(rows.length).toBeGreaterThan(3)
    expect(rows.map(({ position }) => position)).toEqual(
      rows.map(({ position }) => position).sort((a, b) => Number(a - b)),
    )
    for (const { pseudonym, submittedAt, changedAt, position } of rows) {
      expect(pseudonym).toMatch(/^[0-9a-f]{32}$/)
      const { data } = events.find((event) => event.position === position) as Timed
      expect([submittedAt, changedAt]).toEqual([data.submittedAt ?? data.occurredAt, data.occurredAt])
    }
  })
})
