/**
 * Rounds shares by largest remainder, so that the numbers shown sum to `total` however they were weighted: sums of
 * basis points, say, to percents that sum to 100. Equal remainders: the earlier one is rounded up.
 * @param shares not negative, in any unit; best whole numbers: those are divided exactly
 * @param total what the numbers shown shall sum to
 * @param options.decimals digits after the point
 * @returns multiples of 10^−decimals in the order given; all 0 if all shares are
 */
export function roundToWhole(
  shares: readonly number[],
  total: number,
  { decimals = 0 }: { decimals?: number } = {},
): number[] {
  const scale = 10 ** decimals
  const units = Math.round(total * scale)
  const sum = shares.reduce((partial, share) => partial + share, 0)
  if (sum === 0) return shares.map(() => 0)
  // The remainders are those of whole numbers, so that equal ones are equal to the last bit.
  const parts = shares.map((share, index) => ({ index, remainder: (share * units) % sum }))
  const rounded = parts.map(({ index, remainder }) => Math.round((shares[index]! * units - remainder) / sum))
  const missing = rounded.reduce((left, part) => left - part, units)
  parts.sort((a, b) => b.remainder - a.remainder)
  for (const { index } of parts.slice(0, missing)) rounded[index]! += 1
  return rounded.map((part) => part / scale)
}
