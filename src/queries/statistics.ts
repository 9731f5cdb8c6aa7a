import type { CategoryAggregate } from '../projections/category-aggregate.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { type Disagreement, disagreementOf } from './disagreement.ts'
import { type Distribution, distributionOf, firstIndex } from './distribution.ts'
import { type TruthfulBudget, truthfulBudget } from './truthful-budget.ts'

/** What is said of one category, in basis points; null where too few submissions are counted to say it. */
export interface CategoryStatistics {
  readonly sum: number
  readonly mean: number | null
  /** Midpoint of the two central values. */
  readonly median: number | null
  readonly p10: number | null
  readonly p25: number | null
  readonly p75: number | null
  readonly p90: number | null
  /** Of a sample: n − 1. */
  readonly stddev: number | null
  /** How many submissions give nothing. */
  readonly zeros: number
}

/** Everything that is computed from an aggregate; lists are in the order of the poll's categories. */
export interface PollStatistics {
  readonly distributions: readonly Distribution[]
  readonly categories: readonly CategoryStatistics[]
  readonly truthful: TruthfulBudget | null
  readonly disagreement: Disagreement
}

const computed = new WeakMap<PollAggregate, PollStatistics>()

/**
 * The statistics of a poll, computed once for each aggregate object: a snapshot is served thousands of times.
 * @param aggregate one that nobody changes any more
 */
export function pollStatistics(aggregate: PollAggregate): PollStatistics {
  let statistics = computed.get(aggregate)
  if (statistics === undefined) {
    const distributions = aggregate.categories.map(distributionOf)
    const categories = aggregate.categories.map((category, i) =>
      categoryStatistics(category, distributions[i]!),
    )
    statistics = {
      ...{ distributions, categories, truthful: truthfulBudget(distributions) },
      disagreement: disagreementOf(distributions),
    }
    computed.set(aggregate, statistics)
  }
  return statistics
}

/** The statistics of one category. */
export function categoryStatistics(
  category: CategoryAggregate,
  distribution: Distribution = distributionOf(category),
): CategoryStatistics {
  const { count, sum } = category
  return {
    sum,
    mean: count === 0 ? null : sum / count,
    median: median(distribution),
    p10: percentile(distribution, 10),
    p25: percentile(distribution, 25),
    p75: percentile(distribution, 75),
    p90: percentile(distribution, 90),
    stddev: standardDeviation(category),
    zeros: category.histogram.get(0) ?? 0,
  }
}

/** Nearest rank: the smallest value with at least ⌈percent · n / 100⌉ values up to it. */
function percentile(distribution: Distribution, percent: number): number | null {
  // Whole numbers throughout, so that no rank rests on how 0.1 · n happens to be rounded.
  const hundredths = percent * distribution.count
  const below = hundredths % 100
  return orderStatistic(distribution, (hundredths - below) / 100 + (below > 0 ? 1 : 0))
}

/** Midpoint of the two central values, basis points; null if nobody is counted. */
export function median(distribution: Distribution): number | null {
  const half = Math.floor(distribution.count / 2)
  const lower = orderStatistic(distribution, distribution.count - half)
  const upper = orderStatistic(distribution, half + 1)
  return lower === null || upper === null ? null : (lower + upper) / 2
}

/** The value at `rank` (1 = the smallest) when all are put in order. */
function orderStatistic({ count, values, atLeast }: Distribution, rank: number): number | null {
  return values[firstIndex(values.length, (i) => count - atLeast[i + 1]! >= rank)] ?? null
}

/** Sample standard deviation, √((n·Σv² − (Σv)²) / (n·(n − 1))). */
function standardDeviation({ count, sum, sumSquares }: CategoryAggregate): number | null {
  if (count < 2) return null
  // The products pass 2^53 from some ten thousand submissions on, and what is left of their difference may be small.
  const n = BigInt(count)
  const numerator = n * BigInt(sumSquares) - BigInt(sum) ** 2n
  return Math.sqrt(Number(numerator) / Number(n * (n - 1n)))
}
