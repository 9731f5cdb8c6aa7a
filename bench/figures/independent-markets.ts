import { seededRandom } from '../../src/cli/simulate/random.ts'
import { WHOLE } from '../../src/events/poll-events.ts'
import {
  emptyCategory,
  type MutableCategoryAggregate,
  tally,
} from '../../src/projections/category-aggregate.ts'
import { distributionOf } from '../../src/queries/distribution.ts'
import { truthfulBudget } from '../../src/queries/truthful-budget.ts'
import { check, judge, summarise } from '../harness.ts'
import type { Benchmark } from '../workbench.ts'

const CATEGORIES = 10
const RUNS_A_ROUND = 3

/** The truthful budget at its most expensive: every possible value is given in every category. */
export const independentMarkets: Benchmark = {
  name: 'markets',
  measure: async ({ sizes }) => {
    const categories = everyValue()
    const times = Array.from({ length: sizes.rounds * RUNS_A_ROUND }, () => {
      const started = performance.now()
      const budget = truthfulBudget(categories.map(distributionOf))
      const milliseconds = performance.now() - started
      const total = budget?.shares.reduce((sum, share) => sum + share, 0) ?? 0
      check(Math.abs(total - WHOLE) < 1e-6, `the truthful budget sums to ${total}`)
      return milliseconds
    })
    const figure = {
      what: `independent markets, ${CATEGORIES} × ${WHOLE + 1} values`,
      target: { atMost: 50 },
      unit: 'ms',
    }
    // The first one is the one that counts most: a service computes it once for each snapshot.
    return [judge(figure, times, [summarise({ name: 'the very first', unit: 'ms' }, times.slice(0, 1))])]
  },
}

/** v to one category and the rest to another, for every v and category, and as many scattered ones. */
function everyValue(): MutableCategoryAggregate[] {
  const categories = Array.from({ length: CATEGORIES }, emptyCategory)
  const random = seededRandom('markets')
  const submit = (shares: readonly number[]) => {
    for (const [index, category] of categories.entries()) tally(category, shares[index]!, 1)
  }
  for (let value = 0; value <= WHOLE; value++)
    for (let index = 0; index < CATEGORIES; index++) {
      const shares = new Array<number>(CATEGORIES).fill(0)
      shares[index] = value
      shares[(index + 1) % CATEGORIES]! += WHOLE - value
      submit(shares)
      submit(scattered(random))
    }
  for (const { histogram } of categories)
    check(histogram.size === WHOLE + 1, `${histogram.size} values are given`)
  return categories
}

/** Divides the whole at random places. */
function scattered(random: () => number): number[] {
  const cuts = Array.from({ length: CATEGORIES - 1 }, () => Math.floor(random() * (WHOLE + 1)))
  const sorted = [0, ...cuts, WHOLE].sort((a, b) => a - b)
  return sorted.slice(1).map((cut, index) => cut - sorted[index]!)
}
