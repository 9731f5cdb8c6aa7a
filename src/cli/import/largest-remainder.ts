/**
 * Divides `whole` in proportion to `weights` in whole numbers that sum to it exactly: each gets its quota rounded
 * down, and what is left goes one by one to the largest remainders, ties to the earlier weight.
 * @param weights safe non-negative integers, not all zero
 */
export function largestRemainder(weights: readonly number[], whole: number): number[] {
  // BigInt, because points may be as large as a file likes and a rounded product would move the ties.
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (total <= 0n) throw new RangeError('there is nothing to divide by')
  const products = weights.map((weight) => BigInt(weight) * BigInt(whole))
  const shares = products.map((product) => Number(product / total))
  const left = whole - shares.reduce((sum, share) => sum + share, 0)
  const remainders = products.map((product, index) => ({ index, remainder: product % total }))
  remainders.sort((a, b) =>
    a.remainder < b.remainder ? 1 : a.remainder > b.remainder ? -1 : a.index - b.index,
  )
  for (const { index } of remainders.slice(0, left)) shares[index]! += 1
  return shares
}
