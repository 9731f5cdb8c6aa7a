import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CategoryAggregate,
  copyCategory,
  emptyCategory,
  type MutableCategoryAggregate,
  mergeCategory,
  negateCategory,
  tally,
} from '../../src/projections/category-aggregate.ts'

type Tally = readonly [value: number, times: number]

const given = (tallies: readonly Tally[]): MutableCategoryAggregate => {
  const category = emptyCategory()
  for (const [value, times] of tallies) tally(category, value, times)
  return category
}

const plus = (a: CategoryAggregate, b: CategoryAggregate): CategoryAggregate => {
  const sum = copyCategory(a)
  mergeCategory(sum, b)
  return sum
}

/** Few values, so that tallies meet; also taken back, so that every element of the group occurs. */
const tallies = fc.array(
  fc.tuple(
    fc.oneof(fc.nat(3), fc.nat(10_000)),
    fc.integer({ min: -3, max: 3 }).filter((times) => times !== 0),
  ),
)
const aggregate = tallies.map(given)

describe('category aggregate, a commutative group', () => {
  it('merges in either order', () => {
    fc.assert(
      fc.property(aggregate, aggregate, (a, b) => {
        expect(plus(a, b)).toEqual(plus(b, a))
      }),
    )
  })

  it('merges in any grouping', () => {
    fc.assert(
      fc.property(aggregate, aggregate, aggregate, (a, b, c) => {
        expect(plus(plus(a, b), c)).toEqual(plus(a, plus(b, c)))
      }),
    )
  })

  it('is unchanged by the empty aggregate', () => {
    fc.assert(
      fc.property(aggregate, (a) => {
        expect(plus(a, emptyCategory())).toEqual(a)
        expect(plus(emptyCategory(), a)).toEqual(a)
      }),
    )
  })

  it('is undone by its inverse, which is undone by its own', () => {
    fc.assert(
      fc.property(aggregate, (a) => {
        expect(plus(a, negateCategory(a))).toEqual(emptyCategory())
        expect(negateCategory(negateCategory(a))).toEqual(a)
      }),
    )
  })
})

describe('category aggregate, given tallies', () => {
  it('is the same in any order of them', () => {
    const shuffled = tallies.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([some, reordered]) => {
        expect(given(reordered)).toEqual(given(some))
      }),
    )
  })

  it('is the merge of its parts, wherever it is cut', () => {
    fc.assert(
      fc.property(tallies, fc.nat(20), (all, cut) => {
        expect(plus(given(all.slice(0, cut)), given(all.slice(cut)))).toEqual(given(all))
      }),
    )
  })

  it('forgets a value that was replaced', () => {
    fc.assert(
      fc.property(aggregate, fc.nat(10_000), fc.nat(10_000), (a, before, after) => {
        const revised = copyCategory(a)
        tally(revised, before, 1)
        tally(revised, before, -1)
        tally(revised, after, 1)
        expect(revised).toEqual(plus(a, given([[after, 1]])))
      }),
    )
  })

  it('has the count and sums of its histogram, and no value that is counted zero times', () => {
    fc.assert(
      fc.property(aggregate, ({ count, sum, sumSquares, histogram }) => {
        const total = (of: (value: number) => number) =>
          [...histogram].reduce((partial, [value, times]) => partial + of(value) * times, 0)
        expect([count, sum, sumSquares]).toEqual([total(() => 1), total((v) => v), total((v) => v * v)])
        expect([...histogram.values()]).not.toContain(0)
      }),
    )
  })

  it('shares nothing with its copies, its inverse or what it is merged into', () => {
    fc.assert(
      fc.property(tallies, fc.nat(10_000), (all, value) => {
        const [original, other] = [given(all), emptyCategory()]
        const [copy, inverse] = [copyCategory(original), negateCategory(original)]
        mergeCategory(other, original)
        for (const changed of [copy, inverse, other]) tally(changed, value, 1)
        expect(original).toEqual(given(all))
      }),
    )
  })
})
