/**
 * What is kept of one category: a commutative group under `merge`, so partial aggregates add up in any order and a
 * submission that is revised, withdrawn or excluded is subtracted again. All integers: no order of adding matters.
 */
export interface CategoryAggregate {
  /** Submissions counted. */
  readonly count: number
  /** Sum of the values, basis points. */
  readonly sum: number
  /** Sum of the squared values. Below 2^53 up to ninety million submissions. */
  readonly sumSquares: number
  /** Value in basis points → how many submissions give it. Sparse: no zero counts. */
  readonly histogram: ReadonlyMap<number, number>
}

/** A `CategoryAggregate` that its owner may still change. */
export interface MutableCategoryAggregate extends CategoryAggregate {
  count: number
  sum: number
  sumSquares: number
  readonly histogram: Map<number, number>
}

export const emptyCategory = (): MutableCategoryAggregate => ({
  count: 0,
  sum: 0,
  sumSquares: 0,
  histogram: new Map(),
})

/** Counts `value` (basis points) `times` over, in place; negative `times` takes it back. */
export function tally(category: MutableCategoryAggregate, value: number, times: number): void {
  category.count += times
  category.sum += value * times
  category.sumSquares += value * value * times
  const count = (category.histogram.get(value) ?? 0) + times
  if (count === 0) category.histogram.delete(value)
  else category.histogram.set(value, count)
}

/** Adds `other` to `category`, in place. */
export function mergeCategory(category: MutableCategoryAggregate, other: CategoryAggregate): void {
  for (const [value, times] of other.histogram) tally(category, value, times)
}

/** A copy that shares nothing with its original. */
export const copyCategory = (category: CategoryAggregate): MutableCategoryAggregate => ({
  ...category,
  histogram: new Map(category.histogram),
})

/** The inverse: merged with the original it gives the empty aggregate. */
export function negateCategory(category: CategoryAggregate): MutableCategoryAggregate {
  const negated = emptyCategory()
  for (const [value, times] of category.histogram) tally(negated, value, -times)
  return negated
}
