import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyCategory, tally } from '../../src/projections/category-aggregate.ts'
import { distributionOf, firstIndex, splitAt } from '../../src/queries/distribution.ts'

const distribution = (values: readonly number[]) => {
  const category = emptyCategory()
  for (const value of values) tally(category, value, 1)
  return distributionOf(category)
}

describe('distribution', () => {
  it('holds the used values in order, and how many give at least each', () => {
    expect(distribution([500, 0, 10_000, 500])).toEqual({
      count: 4,
      values: Float64Array.of(0, 500, 10_000),
      atLeast: Float64Array.of(4, 3, 1, 0),
    })
  })

  it('is in order too when every possible value is used', () => {
    const every = Array.from({ length: 10_001 }, (_, i) => i)
    const { values, atLeast } = distribution(every.toReversed())
    expect(Array.from(values)).toEqual(every)
    expect(Array.from(atLeast)).toEqual([...every.map((value) => 10_001 - value), 0])
  })

  it('is empty when nobody is counted', () => {
    expect(distribution([])).toEqual({ count: 0, values: new Float64Array(), atLeast: Float64Array.of(0) })
  })

  it('splits the submissions at any value as counting them does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(21), (values, at) => {
        expect(splitAt(distribution(values), at)).toEqual({
          less: values.filter((value) => value < at).length,
          same: values.filter((value) => value === at).length,
          more: values.filter((value) => value > at).length,
        })
      }),
    )
  })

  it('finds the first index from which something holds, or the length', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (length, from) => {
        expect(firstIndex(length, (index) => index >= from)).toBe(Math.min(from, length))
      }),
    )
  })
})
