/**
 * The arithmetic of the form, in basis points and nothing else: the same file counts in the browser and on the server,
 * so that the form does the same with and without scripts.
 */
export const WHOLE = 10000

/** At least so many basis points, in whole steps of the poll. @param {number} least @param {number} step */
export const stepsOf = (least, step) => Math.ceil(least / step) * step

/**
 * A share after − or +, never below nothing or above everything.
 * @param {number | undefined} share undefined if it cannot be read
 * @param {number} direction −1 or 1
 * @param {number} least at least so many basis points
 * @param {number} step the poll's grain
 */
export const moved = (share, direction, least, step) =>
  Math.min(WHOLE, Math.max(0, (share ?? 0) + direction * stepsOf(least, step)))

/** What is not given out yet; less than nothing if it is too much. @param {readonly number[]} shares */
export const restOf = (shares) => shares.reduce((left, share) => left - share, WHOLE)

/**
 * Gives out what is left; nothing that is there becomes less.
 * @param {readonly { share: number, locked: boolean }[]} rows in the order in which they stand: of equals the first gets more
 * @param {number} step the poll's grain, which divides every share
 * @param {'equal' | 'proportion' | number} way a number: all to the row at that place
 * @returns {{ shares: number[] } | { refused: 'nothing-left' | 'all-locked' | 'nothing-there' | 'locked' }}
 */
export function splitRest(rows, step, way) {
  const rest = restOf(rows.map(({ share }) => share))
  if (rest <= 0) return { refused: 'nothing-left' }
  if (rows.every(({ locked }) => locked)) return { refused: 'all-locked' }
  if (typeof way === 'number' && (rows[way]?.locked ?? true)) return { refused: 'locked' }
  const weights = rows.map(({ share, locked }, place) => {
    if (locked) return 0
    if (typeof way === 'number') return place === way ? 1 : 0
    return way === 'equal' ? 1 : share
  })
  if (weights.every((weight) => weight === 0)) return { refused: 'nothing-there' }
  const parts = inSteps(weights, rest / step)
  return { shares: rows.map(({ share }, place) => share + parts[place] * step) }
}

/**
 * Divides whole steps by weight; what the divisions leave over goes to the largest remainders.
 * @param {readonly number[]} weights @param {number} steps
 */
function inSteps(weights, steps) {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const parts = weights.map((weight) => Math.floor((weight * steps) / sum))
  const left = parts.reduce((rest, part) => rest - part, steps)
  const byRemainder = weights
    .map((weight, place) => ({ place, remainder: (weight * steps) % sum }))
    .sort((a, b) => b.remainder - a.remainder)
  for (const { place } of byRemainder.slice(0, left)) parts[place] += 1
  return parts
}
