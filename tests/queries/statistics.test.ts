import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  emptyCategory,
  type MutableCategoryAggregate,
  tally,
} from '../../src/projections/category-aggregate.ts'
import { categoryStatistics, pollStatistics } from '../../src/queries/statistics.ts'
import { aggregateOf, smallPoll } from './ballots.ts'

const given = (...values: number[]): MutableCategoryAggregate => {
  const category = emptyCategory()
  for (const value of values) tally(category, value, 1)
  return category
}

/** Naively, from the values themselves: the smallest with at least ⌈percent · n / 100⌉ up to it. */
const nearestRank = (values: readonly number[], percent: number): number | undefined =>
  values
    .toSorted((a, b) => a - b)
    .find((value) => 100 * values.filter((other) => other <= value).length >= percent * values.length)

describe('statistics of one category', () => {
  it('are null when nobody is counted', () => {
    expect(categoryStatistics(given())).toEqual({
      sum: 0,
      mean: null,
      median: null,
      p10: null,
      p25: null,
      p75: null,
      p90: null,
      stddev: null,
      zeros: 0,
    })
  })

  it('are the value itself, without a deviation, when one is counted', () => {
    expect(categoryStatistics(given(2500))).toEqual({
      sum: 2500,
      mean: 2500,
      median: 2500,
      p10: 2500,
      p25: 2500,
      p75: 2500,
      p90: 2500,
      stddev: null,
      zeros: 0,
    })
  })

  it('take the midpoint of the two central values as median', () => {
    expect(categoryStatistics(given(0, 1000, 2001, 9000)).median).toBe(1500.5)
    expect(categoryStatistics(given(0, 1000, 9000)).median).toBe(1000)
  })

  it('count those who give nothing', () => {
    expect(categoryStatistics(given(0, 0, 5)).zeros).toBe(2)
  })

  it('take the smallest value that has enough values up to it', () => {
    const { p10, p25, p75, p90 } = categoryStatistics(given(...Array.from({ length: 30 }, (_, i) => i + 1)))
    expect({ p10, p25, p75, p90 }).toEqual({ p10: 3, p25: 8, p75: 23, p90: 27 })
  })

  it('agree with the values put in order, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 60 }), (values) => {
        const sorted = values.toSorted((a, b) => a - b)
        const n = values.length
        expect(categoryStatistics(given(...values))).toMatchObject({
          sum: values.reduce((sum, value) => sum + value, 0),
          mean: values.reduce((sum, value) => sum + value, 0) / n,
          median: (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2,
          p10: nearestRank(values, 10),
          p25: nearestRank(values, 25),
          p75: nearestRank(values, 75),
          p90: nearestRank(values, 90),
          zeros: values.filter((value) => value === 0).length,
        })
      }),
    )
  })

  it('agree with the deviation computed from the mean, for any values', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 2, maxLength: 60 }), (values) => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
        expect(categoryStatistics(given(...values)).stddev).toBeCloseTo(
          Math.sqrt(squares / (values.length - 1)),
          8,
        )
      }),
    )
  })

  it('are the same whatever part of the 10,001 values is used', () => {
    const every = Array.from({ length: 10_001 }, (_, i) => (i * 7919) % 10_001)
    expect(categoryStatistics(given(...every))).toMatchObject({
      median: 5000,
      p10: 1000,
      p25: 2500,
      p90: 9000,
    })
  })

  it('lose nothing where squares of forty million submissions nearly cancel', () => {
    const category = emptyCategory()
    tally(category, 9000, 20_000_000)
    tally(category, 9001, 20_000_000)
    expect(categoryStatistics(category)).toMatchObject({ mean: 9000.5, median: 9000.5 })
    expect(categoryStatistics(category).stddev! / Math.sqrt(1e7 / (4e7 - 1))).toBeCloseTo(1, 14)
  })
})

describe('statistics of a poll', () => {
  it('have means that sum to the whole, for any poll', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const { categories } = pollStatistics(aggregateOf(ballots))
        expect(categories.reduce((sum, category) => sum + category.sum, 0)).toBe(10_000 * ballots.length)
        expect(categories.reduce((sum, { mean }) => sum + mean!, 0)).toBeCloseTo(10_000, 8)
      }),
    )
  })

  it('are computed once for an aggregate', () => {
    const aggregate = aggregateOf([[4000, 6000]])
    expect(pollStatistics(aggregate)).toBe(pollStatistics(aggregate))
    expect(pollStatistics(aggregateOf([[4000, 6000]]))).not.toBe(pollStatistics(aggregate))
  })

  it('are the published means and medians of known polls', () => {
    const of = (...ballots: number[][]) => pollStatistics(aggregateOf(ballots)).categories
    const allOrNothing = of([10_000, 0], [10_000, 0], [10_000, 0], [0, 10_000], [0, 10_000])
    expect(allOrNothing.map(({ mean }) => mean)).toEqual([6000, 4000])
    expect(allOrNothing.map(({ median }) => median)).toEqual([10_000, 0])
    const mixed = of([5000, 3000, 2000], [2000, 6000, 2000], [1000, 1000, 8000])
    expect(mixed.map(({ mean }) => mean)).toEqual([8000 / 3, 10_000 / 3, 4000])
    expect(mixed.map(({ median }) => median)).toEqual([2000, 3000, 2000])
  })
})
