import { WHOLE } from '../events/poll-events.ts'
import type { Distribution } from './distribution.ts'

/** How far apart people are, over all pairs of two different submissions; null with fewer than two. */
export interface Disagreement {
  /**
   * Part of the money, 0 to 1, that would have to move to turn one of the two into the other, on average: ½ Σ|p − q| / T.
   * 0: all are the same. 1: no two give anything to the same category.
   */
  readonly share: number | null
  /** By how much the two differ on one category, basis points on average; in the order of the poll's categories. */
  readonly categories: readonly (number | null)[]
}

/**
 * The mean distance of two submissions, exactly, from the histograms alone: the distance is a sum over categories, so its
 * mean is the sum of the categories' mean differences, halved.
 *
 * @see Gini's mean difference, for one category; Rao's quadratic entropy with the distance ½ Σ|p − q|, for the whole:
 * C. R. Rao, "Diversity and dissimilarity coefficients: a unified approach", Theoretical Population Biology 21 (1982)
 */
export function disagreementOf(distributions: readonly Distribution[]): Disagreement {
  const count = BigInt(distributions[0]?.count ?? 0)
  if (count < 2n) return { share: null, categories: distributions.map(() => null) }
  const pairs = (count * (count - 1n)) / 2n
  const sums = distributions.map(sumOfDifferences)
  const sum = sums.reduce((total, each) => total + each, 0n)
  return {
    share: Number(sum) / Number(2n * pairs * BigInt(WHOLE)),
    categories: sums.map((each) => Number(each) / Number(pairs)),
  }
}

const LIMB = 2 ** 26

/**
 * Σ|v − w| over all pairs, basis points. Whoever gives at least a value is as far above each of those who give less, so
 * each gap between two neighbouring values counts once for every pair that it lies between.
 *
 * Number of pairs times gap passes 2^53, so it is added up in two parts, each of which stays below it for up to a
 * hundred and eighty million submissions: the gaps sum to no more than T.
 */
function sumOfDifferences({ count, values, atLeast }: Distribution): bigint {
  let [high, low] = [0, 0]
  for (let i = 1; i < values.length; i++) {
    const gap = values[i]! - values[i - 1]!
    const pairs = atLeast[i]! * (count - atLeast[i]!)
    const upper = Math.floor(pairs / LIMB)
    high += gap * upper
    low += gap * (pairs - upper * LIMB)
  }
  return BigInt(high) * BigInt(LIMB) + BigInt(low)
}
