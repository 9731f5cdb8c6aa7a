/** Submissions in columns, as an archive and a COPY of the log have them, are folded as they are one by one. */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { packData } from '../../src/events/postgres/archive/packed-data.ts'
import { UnpackedData } from '../../src/events/postgres/archive/unpacked-data.ts'
import { RowBatches } from '../../src/events/postgres/row-batches.ts'
import type { EventBatch } from '../../src/events/submitted-run.ts'
import { Fold } from '../../src/projections/fold.ts'
import { type Asked, applyBatch } from '../../src/projections/fold-run.ts'
import { PeriodChanges } from '../../src/projections/periods/period-changes.ts'
import { copyBytes } from '../support/copy-bytes.ts'
import { testPoll } from '../support/history.ts'

type Row = { readonly type: string; readonly schemaVersion: number; readonly data: object }

const instant = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()

/** Splits of the whole; and what is none: of a wrong sum, of a wrong step, of other categories. */
const right = fc.nat(10).map((tenths) => ({ a: tenths * 1000, b: 10_000 - tenths * 1000, c: 0 }))
const wrong = fc.constantFrom<Record<string, number>>(
  { a: 1000, b: 1000, c: 1000 },
  { a: 333, b: 667, c: 9000 },
  { a: 20_000, b: 0, c: 0 },
  { a: 5000, b: 5000 },
  { a: 5000, b: 4000, d: 1000 },
  { c: 0, b: 4000, a: 6000 },
  { a: 12_000, b: -2000, c: 0 },
)

/** Some submissions of one poll, most of them without fault. */
const submitted = fc.constantFrom('one', 'one', 'one', 'two').chain((poll) =>
  fc.array(
    fc.record({
      type: fc.constant('AllocationSubmitted'),
      schemaVersion: fc.constant(1),
      data: fc.record({
        poll: fc.constant(poll),
        allocation: fc.oneof({ weight: 100, arbitrary: right }, { weight: 1, arbitrary: wrong }),
        occurredAt: fc.oneof(
          { weight: 100, arbitrary: fc.nat(1000).map(instant) },
          { weight: 1, arbitrary: fc.constant('2026-13-01T00:00:00.000Z') },
        ),
      }),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  ),
)
const withdrawn = right.chain((replaces) =>
  fc.constant({
    type: 'AllocationWithdrawn',
    schemaVersion: 1,
    data: { poll: 'one', replaces, submittedAt: instant(0), occurredAt: instant(1) },
  }),
)
const others = fc.constantFrom(
  { type: 'AllocationSubmitted', schemaVersion: 99, data: { poll: 'one' } },
  { type: 'PollClosed', schemaVersion: 1, data: { poll: 'one', occurredAt: instant(2) } },
  { type: 'PollOpened', schemaVersion: 1, data: { ...testPoll('two'), occurredAt: instant(3) } },
)
const history = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: submitted },
      { weight: 1, arbitrary: fc.oneof(withdrawn, others).map((row) => [row]) },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((blocks): Row[] => blocks.flat())

const opened = { type: 'PollOpened', schemaVersion: 1, data: { ...testPoll('one'), occurredAt: instant(0) } }

/** The rows as an archive gives them. */
function batchOf(rows: readonly Row[]): EventBatch {
  const events = rows.map(
    (row, index): RecordedEvent => ({
      ...{ ...row, position: BigInt(index + 1), stream: `s-${index}`, revision: 0, id: '', metadata: {} },
      recordedAt: instant(0),
    }),
  )
  const packed = packData(rows.map(({ data, ...row }) => ({ ...row, data: JSON.stringify(data) })))
  return Object.assign(events, { runs: new UnpackedData(packed, rows.length).runs(0, rows.length) })
}

/** The same rows as a COPY gives them. */
const copied = (rows: readonly Row[]): EventBatch =>
  new RowBatches().batch(copyBytes(rows.map((row, index) => ({ ...row, position: index + 1 }))))

const sources = { 'an archive': batchOf, 'a COPY': copied }
const eachSource = Object.entries(sources).map(([name, batched]) => ({ name, batched }))

function outcome(batch: EventBatch, asked: Asked) {
  const [fold, changes] = [new Fold(), new PeriodChanges()]
  fold.listener = changes
  const parked = applyBatch(fold, batch, asked)
  return { fold, parked, polls: fold.polls, unknown: fold.unknown, periods: changes.take() }
}

test.each(eachSource)(
  'given any history, when it comes in columns of $name, then polls, periods, parked and unknown events are the same',
  ({ batched }) => {
    let counted = 0
    fc.assert(
      fc.property(
        history,
        fc.constantFrom<Asked>(
          {},
          { poll: 'one' },
          { asOf: instant(500) },
          { poll: 'two', asOf: instant(2000) },
        ),
        (rows, asked) => {
          const batch = batched([opened, ...rows])
          const [inColumns, plain] = [outcome(batch, asked), outcome([...batch], asked)]
          expect(inColumns.polls).toEqual(plain.polls)
          expect(inColumns.parked).toEqual(plain.parked)
          expect(inColumns.periods).toEqual(plain.periods)
          expect(inColumns.unknown).toBe(plain.unknown)
          counted += (batch.runs ?? []).reduce((sum, { length }) => sum + length, 0)
        },
      ),
      { numRuns: 300 },
    )
    expect(counted).toBeGreaterThan(3000)
  },
)

const many = (length: number): Row[] =>
  Array.from({ length }, (_, n) => ({
    type: 'AllocationSubmitted',
    schemaVersion: 1,
    data: {
      poll: 'one',
      allocation: { a: (n % 11) * 1000, b: 10_000 - (n % 11) * 1000, c: 0 },
      occurredAt: instant(n),
    },
  }))

test.each(eachSource)(
  'given submissions alone in $name, then hardly any is looked at by itself',
  ({ batched }) => {
    const apply = vi.spyOn(Fold.prototype, 'apply')
    try {
      const { fold } = outcome(batched([opened, ...many(500)]), {})
      // The opening, and what a COPY is learnt from.
      expect(apply.mock.calls.length).toBeLessThanOrEqual(2)
      expect(fold.polls.get('one')).toMatchObject({ counted: 500, position: 501n, asOf: instant(499) })
    } finally {
      apply.mockRestore()
    }
  },
)

test('given a poll that is known before it is opened, then what was submitted too early is parked', () => {
  const known = new Fold()
  applyBatch(known, batchOf([{ ...opened }]))
  const late = { ...known.polls.get('one')!, openedAt: 15n }
  const parked = applyBatch(new Fold(new Map([['one', late]])), batchOf(many(20)))
  expect(parked.map(({ event }) => event.position)).toEqual(
    Array.from({ length: 14 }, (_, n) => BigInt(n + 1)),
  )
  expect(late.counted).toBe(6)
})

test('given somebody who wants to be told of each, then they are', () => {
  const fold = new Fold()
  const told: bigint[] = []
  fold.listener = { add: ({ position }) => told.push(position) }
  applyBatch(fold, batchOf([opened, ...many(20)]))
  expect(told).toEqual(Array.from({ length: 20 }, (_, n) => BigInt(n + 2)))
})
