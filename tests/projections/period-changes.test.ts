/** What makes collecting periods quick changes nothing: the same as one by one, by the plainest way. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyCategory, tally } from '../../src/projections/category-aggregate.ts'
import { periodOf } from '../../src/projections/periods/period.ts'
import { PeriodFinder } from '../../src/projections/periods/period-finder.ts'
import { SharesToCount } from '../../src/projections/periods/shares-to-count.ts'
import { testPoll } from '../support/history.ts'

const poll = testPoll('one', 1)

/** Stretches of allocations into one of two aggregates: single ones, a few, and more than are kept. */
const stretches = fc.array(
  fc.record({
    into: fc.nat(1),
    length: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1000, max: 2100 })),
    seed: fc.nat(9999),
  }),
  { maxLength: 12 },
)

/** Values that repeat, up to the whole. */
const allocationOf = (number: number) => {
  const a = (number * 7919) % 10_001
  return { a, b: 10_000 - a, c: 0 }
}

test('shares that wait to be counted are counted as one by one', () => {
  fc.assert(
    fc.property(stretches, (parts) => {
      const fresh = () => [poll.categories.map(emptyCategory), poll.categories.map(emptyCategory)] as const
      const [quick, plain, shares] = [fresh(), fresh(), new SharesToCount()]
      for (const { into, length, seed } of parts)
        for (let index = 0; index < length; index++) {
          const allocation = allocationOf(seed + index)
          shares.add(quick[into]!, poll, allocation)
          for (const [category, { id }] of poll.categories.entries())
            tally(plain[into]![category]!, allocation[id as keyof typeof allocation], 1)
        }
      shares.count()
      expect(quick).toEqual(plain)
      shares.count()
      expect(quick).toEqual(plain)
    }),
    { numRuns: 40 },
  )
})

test('the period of an instant is that of its time, whichever was asked for before', () => {
  const quarter = 900_000
  const times = fc.oneof(
    fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }),
    fc.integer({ min: 0, max: 40 * quarter }),
    // The ends of a period, to the millisecond.
    fc.tuple(fc.nat(40), fc.integer({ min: -1, max: 1 })).map(([n, off]) => (n + 1) * quarter + off),
  )
  fc.assert(
    fc.property(fc.array(times, { minLength: 2, maxLength: 60 }), (asked) => {
      const finder = new PeriodFinder()
      for (const time of asked) expect(finder.periodOf(new Date(time).toISOString())).toBe(periodOf(time))
    }),
  )
})
