import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tally } from '../../src/projections/category-aggregate.ts'
import { type BlocSize, blocOf, blocSizes } from '../../src/queries/bloc.ts'
import { distributionOf } from '../../src/queries/distribution.ts'
import { pollStatistics } from '../../src/queries/statistics.ts'
import { aggregateOf, type Ballot, smallPoll } from './ballots.ts'

const size = fc.constantFrom(...blocSizes)

const effectsOf = (ballots: readonly Ballot[], of: BlocSize) => {
  const { categories } = aggregateOf(ballots)
  return categories.map((_, index) => blocOf(categories.map(distributionOf), of)(index))
}

/** The same by really counting everybody so many times and the bloc's members after them. */
function counted(ballots: readonly Ballot[], of: BlocSize, category: number) {
  const poll = aggregateOf(ballots, { times: 100 / of })
  poll.counted += ballots.length
  for (const [index, each] of poll.categories.entries())
    tally(each, index === category ? 10_000 : 0, ballots.length)
  const { categories, truthful } = pollStatistics(poll)
  const { mean, median } = categories[category]!
  return { mean, median, truthful: truthful!.shares[category]! }
}

describe('a bloc', () => {
  it('of a tenth adds an eleventh of itself to a mean, whatever the size of the poll', () => {
    const [first] = effectsOf([[2300, 7700]], 10)
    expect(first).toEqual({ mean: (2300 * 10 + 10_000) / 11, median: 2300, truthful: first!.truthful })
  })

  it('moves the median of a divided poll from one end to the other', () => {
    const divided = [
      [0, 10_000],
      [10_000, 0],
    ]
    expect(effectsOf(divided, 1).map(({ median }) => median)).toEqual([10_000, 10_000])
  })

  it('of people who want nothing else counts in proportion where everyone is like that', () => {
    const singleMinded = [
      [10_000, 0],
      [10_000, 0],
      [10_000, 0],
      [0, 10_000],
    ]
    for (const { mean, truthful } of effectsOf(singleMinded, 20)) expect(truthful).toBeCloseTo(mean, 9)
  })

  it('does what its members do, counted one by one', () => {
    fc.assert(
      fc.property(smallPoll, size, (ballots, of) => {
        expect(effectsOf(ballots, of)).toEqual(ballots[0]!.map((_, index) => counted(ballots, of, index)))
      }),
    )
  })

  it('takes nothing from the category that it wants, and the more the larger it is', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const { categories, truthful } = pollStatistics(aggregateOf(ballots))
        for (const [index, { mean, median }] of categories.entries()) {
          const effects = [
            { mean: mean!, median: median!, truthful: truthful!.shares[index]! },
            ...blocSizes.map((of) => effectsOf(ballots, of)[index]!),
          ]
          for (const name of ['mean', 'median', 'truthful'] as const)
            for (const [i, effect] of effects.slice(1).entries())
              expect(effect[name]).toBeGreaterThanOrEqual(effects[i]![name] - 1e-9)
        }
      }),
    )
  })
})
