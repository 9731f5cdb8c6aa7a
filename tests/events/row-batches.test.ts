/** What is read out of the bytes of a COPY is what its lines say, whatever they say. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowBatches } from '../../src/events/postgres/row-batches.ts'
import { fieldsOf, StoredRow } from '../../src/events/postgres/stored-row.ts'
import { isInstantAt } from '../../src/events/postgres/submitted-template.ts'
import type { EventBatch, SubmittedRun } from '../../src/events/submitted-run.ts'
import { isInstant } from '../../src/projections/decode-for-fold.ts'
import { type CopiedRow, copyBytes } from '../support/copy-bytes.ts'

const instant = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString()

const share = fc.oneof(
  { weight: 30, arbitrary: fc.nat(10_000) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 123_456_789, -1, 0.5, 1e21) },
)
const word = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom('form', 'api', 'import') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom('"', '\\', 'a\tb\nc', '\u0001', 'é', '\u2028') },
)
const time = fc.oneof(
  { weight: 30, arbitrary: fc.nat(10_000_000).map(instant) },
  { weight: 1, arbitrary: fc.constantFrom('', '2026-13-01T00:00:00.000Z', '2026-01-01T00:00:00Z') },
)

/** Data as this program writes it, and as others might. */
const data = fc.record({
  poll: fc.constantFrom('one', 'one', 'one', 'zwölf'),
  allocation: fc.record({ a: share, 'public-safety': share, c: share }),
  via: word,
  occurredAt: time,
})
const shown = fc.record({ order: fc.constant('000102'), results: fc.constantFrom('seen', 'unseen') })
const texts = fc.oneof(
  { weight: 20, arbitrary: data.map((each) => JSON.stringify(each)) },
  { weight: 5, arbitrary: fc.tuple(data, shown).map(([each, shown]) => JSON.stringify({ ...each, shown })) },
  // Another order, other categories, blanks, a name twice, numbers written otherwise, numbers elsewhere, no object.
  { weight: 1, arbitrary: data.map(({ occurredAt, ...each }) => JSON.stringify({ occurredAt, ...each })) },
  { weight: 1, arbitrary: data.map((each) => JSON.stringify({ ...each, allocation: { a: 1, b: 9999 } })) },
  { weight: 1, arbitrary: data.map((each) => JSON.stringify(each, null, 1).replaceAll('\n', ' ')) },
  { weight: 1, arbitrary: data.map((each) => JSON.stringify(each).replace('"a":', '"a":7,"a":')) },
  { weight: 1, arbitrary: data.map((each) => JSON.stringify(each).replace(/"a":[^,]+/, '"a":1e3')) },
  { weight: 1, arbitrary: data.map((each) => JSON.stringify({ ...each, more: 5, less: null, list: [1] })) },
  { weight: 1, arbitrary: fc.constantFrom('null', '{}', '[]', '7', '{"poll":"one","allocation":{}}') },
)
const row = fc.record({
  type: fc.oneof(
    { weight: 30, arbitrary: fc.constant('AllocationSubmitted') },
    { weight: 1, arbitrary: fc.constantFrom('AllocationRevised', 'AllocationSubmitted2') },
  ),
  schemaVersion: fc.oneof({ weight: 30, arbitrary: fc.constant(2) }, { weight: 1, arbitrary: fc.nat(30) }),
  data: texts,
  stream: fc.constantFrom('submission-1', 'a\tb\\'),
  revision: fc.nat(3),
})

/** Rows that mostly are like their neighbours. */
const history = fc
  .array(fc.tuple(row, fc.nat(12)), { minLength: 10, maxLength: 40, size: 'max' })
  .map((some): CopiedRow[] =>
    some
      .flatMap(([each, times]) => Array.from({ length: times + 1 }, () => each))
      .map((each, index) => ({ ...each, position: BigInt(index) + 2n ** 40n })),
  )

const plain = ({
  position,
  type,
  schemaVersion,
  data,
  stream,
  revision,
  id,
  metadata,
  recordedAt,
}: StoredRow) => ({
  ...{ position, type, schemaVersion, data, stream, revision, id, metadata, recordedAt },
})

/** A run as the data of its events, as far as it goes. */
const dataOf = (run: SubmittedRun, index: number) => ({
  poll: run.poll,
  allocation: Object.fromEntries(run.categories.map((id, place) => [id, run.shares[place]![index]])),
  occurredAt: run.occurredAt(index),
})

function expectRuns(batch: EventBatch): number {
  let inRuns = 0
  for (const run of batch.runs ?? []) {
    const events = batch.slice(run.at, run.at + run.length)
    expect(events).toHaveLength(run.length)
    for (const [index, event] of events.entries()) {
      expect(event).toMatchObject({ type: 'AllocationSubmitted', schemaVersion: run.schemaVersion })
      expect(event.data).toMatchObject(dataOf(run, index))
      const { allocation } = event.data as { allocation: object }
      expect(Object.keys(allocation)).toEqual(run.categories)
    }
    const times = events.map(({ data }) => (data as { occurredAt: string }).occurredAt).sort()
    expect(times.every(isInstant)).toBe(true)
    expect(run.span).toEqual({ earliest: times[0], latest: times.at(-1) })
    inRuns += run.length
  }
  return inRuns
}

test('given any rows, then each event is what its line says, and so is each that stands in columns', () => {
  let inRuns = 0
  fc.assert(
    fc.property(history, fc.nat(40), (rows, cut) => {
      const batches = new RowBatches()
      const pieces = [rows.slice(0, cut), rows.slice(cut)].map(copyBytes)
      for (const bytes of pieces) {
        const lines = bytes.toString().split('\n').slice(0, -1)
        const batch = batches.batch(bytes)
        const expected = lines.map((line) => plain(new StoredRow(fieldsOf(line))))
        expect(batch.map((event) => plain(event as StoredRow))).toEqual(expected)
        inRuns += expectRuns(batch)
      }
    }),
    { numRuns: 300 },
  )
  expect(inRuns).toBeGreaterThan(3000)
})

test('given submissions of every way in, then they stand in the same columns', () => {
  const rows = Array.from({ length: 400 }, (_, n) => ({
    ...{ position: n + 1, type: 'AllocationSubmitted', schemaVersion: 2 },
    data: {
      ...{
        poll: 'one',
        allocation: { a: 1000, b: 9000 },
        via: ['form', 'api'][n % 2],
        receiptHash: 'f'.repeat(64),
      },
      ...{ occurredAt: instant(1000 - n), ...(n % 3 === 0 && { shown: { order: '0100', results: 'seen' } }) },
    },
  }))
  const { runs } = new RowBatches().batch(copyBytes(rows))
  // But for the first of either kind.
  expect(runs).toMatchObject([{ at: 2, length: 398, span: { earliest: instant(601), latest: instant(998) } }])
})

test('an instant is the same in bytes as in text', () => {
  const character = fc.constantFrom(...'0123456789-T:.Z/;')
  const nearly = fc
    .tuple(
      fc.nat(2 ** 41).map((time) => new Date(time).toISOString()),
      fc.nat(23),
      character,
    )
    .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1))
  const verdicts = new Set<boolean>()
  fc.assert(
    fc.property(nearly, fc.nat(3), (text, at) => {
      const verdict = isInstantAt(Buffer.from('x'.repeat(at) + text), at)
      verdicts.add(verdict)
      expect(verdict).toBe(isInstant(text))
    }),
    { numRuns: 3000 },
  )
  expect(verdicts.size).toBe(2)
})
