import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moneyToMove } from '../../src/queries/comparison.ts'
import { type Disagreement, disagreementOf } from '../../src/queries/disagreement.ts'
import { distributionOf } from '../../src/queries/distribution.ts'
import { aggregateOf, type Ballot, ballotOf, smallPoll } from './ballots.ts'

const disagreement = (ballots: readonly Ballot[], times = 1): Disagreement =>
  disagreementOf(aggregateOf(ballots, { times }).categories.map(distributionOf))

/** Every pair of two different submissions, as they stand. */
const pairsOf = <T>(things: readonly T[]): [T, T][] =>
  things.flatMap((one, i) => things.slice(i + 1).map((other): [T, T] => [one, other]))

const average = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length

describe('disagreement', () => {
  it('is nothing where all want the same, and everything where no two give to the same category', () => {
    expect(disagreement([[7000, 3000]], 5)).toEqual({ share: 0, categories: [0, 0] })
    const apart = [
      [10_000, 0, 0],
      [0, 10_000, 0],
      [0, 0, 10_000],
    ]
    expect(disagreement(apart)).toEqual({ share: 1, categories: [20_000 / 3, 20_000 / 3, 20_000 / 3] })
  })

  it('needs two submissions', () => {
    expect(disagreement([[7000, 3000]])).toEqual({ share: null, categories: [null, null] })
    expect(disagreementOf(aggregateOf([[0, 10_000]], { times: 0 }).categories.map(distributionOf))).toEqual({
      share: null,
      categories: [null, null],
    })
  })

  it('is what all pairs of submissions have to move, on average', () => {
    const poll = smallPoll.filter((ballots) => ballots.length > 1)
    fc.assert(
      fc.property(poll, (ballots) => {
        const pairs = pairsOf(ballots)
        const { share, categories } = disagreement(ballots)
        expect(share).toBeCloseTo(average(pairs.map(([one, other]) => moneyToMove(one, other))), 12)
        for (const [i, difference] of categories.entries())
          expect(difference).toBeCloseTo(
            average(pairs.map(([one, other]) => Math.abs(one[i]! - other[i]!))),
            8,
          )
      }),
    )
  })

  it('is half of what its categories add up to', () => {
    const poll = fc.array(ballotOf(4), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(poll, fc.integer({ min: 1, max: 10_000_000 }), (ballots, times) => {
        const { share, categories } = disagreement(ballots, times)
        expect(share! * 20_000).toBeCloseTo(
          categories.reduce<number>((sum, each) => sum + each!, 0),
          7,
        )
      }),
    )
  })

  it('counts in whole numbers far beyond 2^53', () => {
    const millions = 80_000_001
    const { share, categories } = disagreement(
      [
        [9999, 1],
        [0, 10_000],
      ],
      millions,
    )
    const n = 2n * BigInt(millions)
    const sum = 9999n * BigInt(millions) ** 2n
    expect(categories).toEqual([Number(2n * sum) / Number(n * (n - 1n)), categories[0]])
    expect(share).toBe(Number(2n * sum) / Number(n * (n - 1n) * 10_000n))
  })
})
