import { WHOLE } from '../events/poll-events.ts'
import { type Distribution, firstIndex } from './distribution.ts'

/** The collective budget that nobody can pull towards their wish by exaggerating. */
export interface TruthfulBudget {
  /** Where the phantoms stand, in basis points a submission: a reduced fraction, `2183/36`, or whole, `2000`. */
  readonly t: string
  /** Basis points, one for each category, as near as a double comes to the exact fractions, which sum to 10 000. */
  readonly shares: readonly number[]
}

/** p/q, both whole. */
interface Fraction {
  readonly p: number
  readonly q: number
}

/** A category's share just above some t: `constant`, or `slope`·t. One of the two is 0. */
interface Piece {
  readonly constant: number
  readonly slope: number
}

/**
 * Independent markets: the moving-phantom mechanism with phantoms min(t·(n − k), T), k = 0…n, in every category, and
 * the t at which the medians sum to T = 10 000.
 *
 * With D(v) submissions giving at least v, a category's median is x(t) = max over v of min(v, t·D(v)). Their sum is
 * continuous, non-decreasing and linear between breakpoints v/D(v) and v/D(next v), so it is enough to find the last
 * breakpoint below T and to solve the piece that begins there.
 *
 * Every number compared is a whole one below categories · T · n, so doubles are exact for up to nine thousand million
 * submissions in a hundred categories; the only rounding is the last division.
 *
 * @param categories distributions of allocations that each sum to T
 * @returns null if nobody has submitted
 * @see Freeman, Pennock, Peters, Wortman Vaughan, "Truthful aggregation of budget proposals", arXiv 1905.00457
 */
export function truthfulBudget(categories: readonly Distribution[]): TruthfulBudget | null {
  if (!categories[0]?.count) return null
  const start = lastBreakpointBelow(categories)
  const pieces = categories.map((category) => pieceAbove(category, start))
  const rest = pieces.reduce((left, { constant }) => left - constant, WHOLE)
  const slope = pieces.reduce((sum, piece) => sum + piece.slope, 0)
  return {
    t: reduced(rest, slope),
    shares: pieces.map((piece) => (piece.slope > 0 ? (rest * piece.slope) / slope : piece.constant)),
  }
}

/** The largest breakpoint of any category, or 0, at which the shares sum to less than T. */
function lastBreakpointBelow(categories: readonly Distribution[]): Fraction {
  let last: Fraction = { p: 0, q: 1 }
  for (const category of categories) {
    // The breakpoints of one category are in order already: v0/D0 < v0/D1 < v1/D1 < v1/D2 < …
    const breakpoint = (index: number): Fraction => ({
      p: category.values[index >> 1]!,
      q: category.atLeast[(index + 1) >> 1]!,
    })
    const enough = firstIndex(2 * category.values.length - 1, (i) => reachesWhole(categories, breakpoint(i)))
    if (enough === 0) continue
    const below = breakpoint(enough - 1)
    if (below.p * last.q > last.p * below.q) last = below
  }
  return last
}

/** Whether Σ x(t) ≥ T, in whole numbers: everything times q. */
function reachesWhole(categories: readonly Distribution[], t: Fraction): boolean {
  let sum = 0
  for (const category of categories) sum += scaledShare(category, t)
  return sum >= WHOLE * t.q
}

/** q·x(p/q). As v rises t·D(v) falls: the larger of the last v below its t·D(v) and the next t·D(v). */
function scaledShare({ values, atLeast }: Distribution, { p, q }: Fraction): number {
  const index = firstIndex(values.length, (i) => p * atLeast[i]! <= q * values[i]!)
  return Math.max(index > 0 ? q * values[index - 1]! : 0, p * atLeast[index]!)
}

function pieceAbove({ values, atLeast }: Distribution, { p, q }: Fraction): Piece {
  const index = firstIndex(values.length, (i) => p * atLeast[i]! < q * values[i]!)
  const constant = index > 0 ? values[index - 1]! : 0
  const slope = atLeast[index]!
  return p * slope >= q * constant ? { constant: 0, slope } : { constant, slope: 0 }
}

function reduced(numerator: number, denominator: number): string {
  const divisor = greatestCommonDivisor(numerator, denominator)
  return denominator === divisor
    ? `${numerator / divisor}`
    : `${numerator / divisor}/${denominator / divisor}`
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
