import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PERIOD_MS, type PeriodSums } from '../../src/projections/period-aggregate.ts'
import { COUNTS, PeriodIndex, PeriodRows } from '../../src/queries/period-index.ts'

const CATEGORIES = 2
const change = fc.record({
  quarter: fc.integer({ min: -20, max: 60 }),
  value: fc.integer({ min: -9, max: 9 }),
})
const batches = fc.array(fc.array(change, { maxLength: 12 }), { maxLength: 8 })

const periodOf = (quarter: number, value: number): PeriodSums => ({
  start: quarter * PERIOD_MS,
  position: 1n,
  ...{ counted: value, excluded: 2 * value, withdrawn: 1 },
  sums: [3 * value, -value],
  sumSquares: [0, 0],
})

function total(index: PeriodIndex, quarter: number): number[] {
  const into = new Float64Array(COUNTS + CATEGORIES + 1)
  index.addTotal(quarter * PERIOD_MS, into, 1, 1)
  return [...into.subarray(1)]
}

test('given any batches of changed periods, in the middle or at the end, then totals are those of adding them up', () =>
  fc.assert(
    fc.property(batches, (given) => {
      const index = new PeriodIndex(CATEGORIES)
      const plain = new Map<number, PeriodSums>()
      for (const batch of given) {
        const newest = new Map(batch.map(({ quarter, value }) => [quarter, periodOf(quarter, value)]))
        const rows = new PeriodRows(COUNTS + CATEGORIES)
        for (const [quarter, period] of [...newest].sort(([a], [b]) => a - b)) {
          rows.add(period)
          plain.set(quarter, period)
        }
        index.apply(rows)
        const starts = [...plain.keys()].sort((a, b) => a - b)
        expect([index.length, index.first, index.end]).toEqual([
          starts.length,
          starts[0] === undefined ? undefined : starts[0] * PERIOD_MS,
          starts.length === 0 ? undefined : (starts.at(-1)! + 1) * PERIOD_MS,
        ])
        for (let quarter = -21; quarter <= 62; quarter++) {
          const before = [...plain.values()].filter(({ start }) => start < quarter * PERIOD_MS)
          const sum = (pick: (period: PeriodSums) => number) =>
            before.reduce((partial, period) => partial + pick(period), 0)
          expect(total(index, quarter)).toEqual([
            sum(({ counted }) => counted),
            sum(({ excluded }) => excluded),
            sum(({ withdrawn }) => withdrawn),
            sum(({ sums }) => sums[0]!),
            sum(({ sums }) => sums[1]!),
          ])
        }
      }
    }),
  ))

test('given thousands of periods, then room is made for them', () => {
  const index = new PeriodIndex(CATEGORIES)
  const rows = new PeriodRows(COUNTS + CATEGORIES)
  for (let quarter = 0; quarter < 5000; quarter++) rows.add(periodOf(quarter, 1))
  index.apply(rows)
  expect(total(index, 5000)).toEqual([5000, 10_000, 5000, 15_000, -5000])
})
