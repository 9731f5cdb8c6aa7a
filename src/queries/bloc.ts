import { WHOLE } from '../events/poll-events.ts'
import { type Distribution, firstIndex } from './distribution.ts'
import { median } from './statistics.ts'
import { truthfulBudget } from './truthful-budget.ts'

/** How large a bloc may be asked for: so many more submissions for every hundred that are counted. */
export const blocSizes = [1, 5, 10, 20] as const
export type BlocSize = (typeof blocSizes)[number]

/** What is said of a category once a bloc has given it everything, basis points. */
export interface BlocEffect {
  readonly mean: number
  readonly median: number
  readonly truthful: number
}

/**
 * What a bloc would do to each number: `size` more submissions for every hundred counted, all of which give everything
 * to one category.
 *
 * No statistic here changes if everybody is counted several times over, so everybody is counted 100/size times and the
 * bloc has as many members as people are counted now: whole numbers, and exact for a poll of any size, even where a
 * hundredth of it is no whole submission. As large as the poll may be for `truthfulBudget`, over 101: ninety million.
 *
 * @param distributions of at least one submission
 * @returns the effect on a category, by its index, of a bloc that gives everything to that category
 */
export function blocOf(
  distributions: readonly Distribution[],
  size: BlocSize,
): (category: number) => BlocEffect {
  const times = 100 / size
  const without = distributions.map((distribution) => withBloc(distribution, times, 0))
  return (category) => {
    const favoured = withBloc(distributions[category]!, times, WHOLE)
    const { shares } = truthfulBudget(without.with(category, favoured))!
    return { mean: mean(favoured), median: median(favoured)!, truthful: shares[category]! }
  }
}

/** Everybody `times` over, and once as many people again who all give `value`. */
function withBloc({ count, values, atLeast }: Distribution, times: number, value: number): Distribution {
  const place = firstIndex(values.length, (i) => values[i]! >= value)
  const isUsed = values[place] === value
  const before = Array.from(values.subarray(0, place))
  const after = Array.from(values.subarray(isUsed ? place + 1 : place))
  // Whoever gives at least the place's value, if it is not used, gives at least the next one.
  const all = Array.from(atLeast, (number) => number * times)
  const head = all.slice(0, place).map((number) => number + count)
  return {
    count: count * times + count,
    values: Float64Array.from([...before, value, ...after]),
    atLeast: Float64Array.from([...head, all[place]! + count, ...all.slice(isUsed ? place + 1 : place)]),
  }
}

/** Σ v·h(v) / n: the sum of all steps between neighbouring values, each as often as it is reached. */
function mean({ count, values, atLeast }: Distribution): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (values[i - 1] ?? 0)) * atLeast[i]!
  return sum / count
}
