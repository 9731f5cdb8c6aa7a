import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openedPoll } from '../../src/projections/poll-aggregate.ts'
import { Comparison, compare, moneyToMove, splitAtBaseline } from '../../src/queries/comparison.ts'
import { aggregateOf, type Ballot, pollOf, smallPoll } from './ballots.ts'

const actual = { id: 'fy2025', label: 'Actual', source: 'a table', shares: { a: 1000, b: 9000 } }
const definition = pollOf(2, [actual])

const allocationOf = (ballot: Ballot): Record<string, number> =>
  Object.fromEntries(pollOf(ballot.length).categories.map(({ id }, i) => [id, ballot[i]!]))

describe('comparison of one allocation', () => {
  it('sets it beside everyone and beside the actual budget', () => {
    const ballots = [
      [2000, 8000],
      [4000, 6000],
      [4000, 6000],
      [10_000, 0],
    ]
    expect(compare(aggregateOf(ballots, { definition }), { a: 4000, b: 6000 })).toEqual({
      counted: 4,
      moneyToMove: { mean: 0.1, baselines: { fy2025: 0.3 } },
      categories: [
        {
          id: 'a',
          label: 'A',
          own: 4000,
          percentile: 0.5,
          split: { less: 1, same: 2, more: 1 },
          aboveMean: -1000,
          aboveBaselines: { fy2025: 3000 },
        },
        {
          id: 'b',
          label: 'B',
          own: 6000,
          percentile: 0.5,
          split: { less: 1, same: 2, more: 1 },
          aboveMean: 1000,
          aboveBaselines: { fy2025: -3000 },
        },
      ],
    })
  })

  it('places a value that nobody gives between those who give less and more', () => {
    const { categories } = compare(aggregateOf([[2000, 8000]], { definition, times: 3 }), {
      a: 2500,
      b: 7500,
    })
    expect(categories.map(({ percentile }) => percentile)).toEqual([1, 0])
  })

  it('knows the actual budget even while nobody is counted', () => {
    const nobody = openedPoll(definition, 1n, '2026-11-23T10:00:00.000Z')
    const comparison = compare(nobody, { a: 10_000, b: 0 })
    expect(comparison.moneyToMove).toEqual({ mean: null, baselines: { fy2025: 0.9 } })
    expect(comparison.categories[0]).toMatchObject({ percentile: null, aboveMean: null })
    expect(Comparison.parse(comparison)).toEqual(comparison)
  })

  it('is in the middle of those who want the same, and moves nothing', () => {
    fc.assert(
      fc.property(smallPoll, fc.integer({ min: 1, max: 10_000_000 }), ([ballot], times) => {
        const comparison = compare(aggregateOf([ballot!], { times }), allocationOf(ballot!))
        expect(comparison.moneyToMove.mean).toBe(0)
        for (const category of comparison.categories)
          expect(category).toMatchObject({ percentile: 0.5, aboveMean: 0 })
      }),
    )
  })

  it('satisfies its schema and balances, for any poll', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const comparison = compare(aggregateOf(ballots), allocationOf(ballots[0]!))
        expect(Comparison.parse(comparison)).toEqual(comparison)
        const above = comparison.categories.map(({ aboveMean }) => aboveMean!)
        expect(above.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 8)
        const more = above.filter((value) => value > 0).reduce((sum, value) => sum + value, 0)
        expect(comparison.moneyToMove.mean).toBeCloseTo(more / 10_000, 10)
      }),
    )
  })

  it('averages its percentiles to the middle over all who are counted', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const poll = aggregateOf(ballots)
        const percentiles = ballots.map(
          (ballot) => compare(poll, allocationOf(ballot)).categories[0]!.percentile!,
        )
        const mean = percentiles.reduce((sum, percentile) => sum + percentile, 0) / ballots.length
        expect(mean).toBeCloseTo(0.5, 10)
      }),
    )
  })
})

describe('money to move', () => {
  it('is everything between budgets that share nothing, and symmetric', () => {
    expect(moneyToMove([10_000, 0, 0], [0, 4000, 6000])).toBe(1)
    expect(moneyToMove([7000, 3000], [6500, 3500])).toBe(moneyToMove([6500, 3500], [7000, 3000]))
  })
})

describe('split at a baseline', () => {
  it('counts who wants more, the same and less', () => {
    const ballots = [
      [0, 10_000],
      [1000, 9000],
      [1000, 9000],
      [5000, 5000],
    ]
    expect(splitAtBaseline(aggregateOf(ballots, { definition }), actual)).toEqual([
      { more: 1, same: 2, less: 1 },
      { more: 1, same: 2, less: 1 },
    ])
  })
})
