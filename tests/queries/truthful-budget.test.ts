import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyCategory } from '../../src/projections/category-aggregate.ts'
import { distributionOf } from '../../src/queries/distribution.ts'
import { type TruthfulBudget, truthfulBudget } from '../../src/queries/truthful-budget.ts'
import { aggregateOf, type Ballot, ballotOf, smallPoll } from './ballots.ts'
import { sharesAt, smallestReaching, sumOf } from './moving-phantoms.ts'

const truthful = (ballots: readonly Ballot[], times = 1): TruthfulBudget =>
  truthfulBudget(aggregateOf(ballots, { times }).categories.map(distributionOf))!

const repeat = (times: number, ballot: Ballot): Ballot[] => Array.from({ length: times }, () => ballot)

const fraction = (t: string): [p: bigint, q: bigint] => {
  const [p, q] = t.split('/').map(BigInt)
  return [p!, q ?? 1n]
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint =>
  b === 0n ? a : greatestCommonDivisor(b, a % b)

describe('truthful budget, given known polls', () => {
  it('is proportional when everyone gives all to one category', () => {
    const ballots = [...repeat(3, [10_000, 0]), ...repeat(2, [0, 10_000])]
    expect(truthful(ballots)).toEqual({ t: '2000', shares: [6000, 4000] })
  })

  it('has a t that is whole without a denominator', () => {
    const ballots = [
      ...repeat(2, [2000, 0, 8000]),
      ...repeat(2, [4000, 4000, 2000]),
      ...repeat(4, [10_000, 0, 0]),
    ]
    expect(truthful(ballots)).toEqual({ t: '1250', shares: [5000, 2500, 2500] })
  })

  it('rounds each share once', () => {
    const ballots = [
      [5000, 3000, 2000],
      [2000, 6000, 2000],
      [1000, 1000, 8000],
    ]
    expect(truthful(ballots)).toEqual({ t: '10000/3', shares: [10_000 / 3, 10_000 / 3, 10_000 / 3] })
  })

  it('is the only ballot when there is one', () => {
    expect(truthful([[7000, 0, 3000]]).shares).toEqual([7000, 0, 3000])
  })

  it('is null when there is none', () => {
    expect(truthfulBudget([emptyCategory(), emptyCategory()].map(distributionOf))).toBeNull()
  })
})

describe('truthful budget, given any small poll', () => {
  it('puts the medians of ballots and phantoms at exactly T, and shows them to the last bit', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const { t, shares } = truthful(ballots)
        const [p, q] = fraction(t)
        const medians = sharesAt(ballots, p, q)
        expect(sumOf(medians)).toBe(10_000n * q)
        expect(shares).toEqual(medians.map((median) => Number(median) / Number(q)))
      }),
      { numRuns: 500 },
    )
  })

  it('has the smallest such t, as bisection finds it', () => {
    const grain = 2n ** 60n
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const [p, q] = fraction(truthful(ballots).t)
        const bisected = smallestReaching(ballots, grain)
        expect((p * grain + q - 1n) / q).toBe(bisected)
      }),
      { numRuns: 300 },
    )
  })

  it('publishes a fraction in lowest terms', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const { t } = truthful(ballots)
        const [p, q] = fraction(t)
        expect(greatestCommonDivisor(p, q)).toBe(1n)
        expect(t).toBe(q === 1n ? `${p}` : `${p}/${q}`)
      }),
    )
  })

  it('is the same for a poll a hundred million times as large, at a t as much smaller', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const [once, often] = [truthful(ballots), truthful(ballots, 100_000_000)]
        expect(often.shares).toEqual(once.shares)
        const [[p, q], [r, s]] = [fraction(once.t), fraction(often.t)]
        expect(p * s).toBe(r * q * 100_000_000n)
      }),
    )
  })

  it('is proportional for people who give all to one category', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 2, maxLength: 8 }), (voters) => {
        const n = voters.reduce((sum, count) => sum + count, 0)
        fc.pre(n > 0)
        const ballots = voters.flatMap((count, i) =>
          repeat(
            count,
            voters.map((_, j) => (i === j ? 10_000 : 0)),
          ),
        )
        expect(truthful(ballots).shares).toEqual(voters.map((count) => (10_000 * count) / n))
      }),
    )
  })

  it('brings nobody nearer to their wish by submitting anything else', () => {
    const pollAndLie = smallPoll.chain((ballots) =>
      fc.tuple(fc.constant(ballots), ballotOf(ballots[0]!.length)),
    )
    fc.assert(
      fc.property(pollAndLie, ([[wish, ...others], lie]) => {
        const distance = (ballot: Ballot): number =>
          truthful([ballot, ...others]).shares.reduce((sum, share, i) => sum + Math.abs(share - wish![i]!), 0)
        expect(distance(lie)).toBeGreaterThanOrEqual(distance(wish!) - 1e-8)
      }),
      { numRuns: 500 },
    )
  })
})

describe('truthful budget, given every value used in each of ten categories', () => {
  /** Ballots that divide all between two neighbours, in every way. */
  const ballots = Array.from({ length: 50_005 }, (_, i) => {
    const [pair, value] = [Math.floor(i / 10_001), i % 10_001]
    const ballot = new Array<number>(10).fill(0)
    ballot[2 * pair] = value
    ballot[2 * pair + 1] = 10_000 - value
    return ballot
  })
  const { categories } = aggregateOf(ballots)

  it('takes little beside sorting the histograms', () => {
    const distributions = categories.map(distributionOf)
    const sorting = best(() => categories.map(distributionOf))
    const searching = best(() => truthfulBudget(distributions))
    expect(distributions.map(({ values }) => values.length)).toEqual(new Array(10).fill(10_001))
    // A fifteenth where it was measured; looking at every breakpoint would take fifty times as long.
    expect(searching / sorting).toBeLessThan(5)
  })

  it('sums to the whole', () => {
    const { shares } = truthfulBudget(categories.map(distributionOf))!
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(10_000, 8)
  })
})

/** The shortest of ten runs, milliseconds. */
function best(run: () => unknown): number {
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}
