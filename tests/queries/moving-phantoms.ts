import type { Ballot } from './ballots.ts'

const WHOLE = 10_000n

/**
 * Independent markets straight from their definition, sharing nothing with the code under test: n + 1 phantoms, sorted
 * medians, whole numbers.
 * @returns q·x_j(p/q) for every category
 */
export function sharesAt(ballots: readonly Ballot[], p: bigint, q: bigint): bigint[] {
  const n = ballots.length
  const phantoms = Array.from({ length: n + 1 }, (_, k) => smaller(p * BigInt(n - k), WHOLE * q))
  return ballots[0]!.map((_, category) => {
    const all = [...phantoms, ...ballots.map((ballot) => BigInt(ballot[category]!) * q)]
    return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[n]!
  })
}

export const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n)

/** Bisects for the smallest multiple p of 1/q with Σ x_j(p/q) ≥ T. */
export function smallestReaching(ballots: readonly Ballot[], q: bigint): bigint {
  let [low, high] = [0n, WHOLE * q]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (sumOf(sharesAt(ballots, middle, q)) >= WHOLE * q) high = middle
    else low = middle
  }
  return high
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
