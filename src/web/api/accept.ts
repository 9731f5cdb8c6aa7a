/**
 * Which of two media types a request prefers by its `Accept` header (RFC 9110): `other` only if it is wanted more than
 * `usual`, or both are wanted alike and `other` alone is named.
 */
export function prefers(accept: string | undefined, other: string, usual: string): boolean {
  if (accept === undefined) return false
  const ranges = accept.split(',').map(parseRange)
  const [a, b] = [weightOf(ranges, other), weightOf(ranges, usual)]
  return a.weight > b.weight || (a.weight > 0 && a.weight === b.weight && a.rank > b.rank)
}

interface Range {
  readonly type: string
  readonly weight: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  const parsed = weight === undefined ? 1 : Number(weight.slice(2))
  return { type, weight: parsed >= 0 && parsed <= 1 ? parsed : 0 }
}

/** The weight of the range that names the type most closely. */
function weightOf(ranges: readonly Range[], type: string): { weight: number; rank: number } {
  const names = ['*/*', `${type.split('/')[0]}/*`, type]
  let best = { weight: 0, rank: -1 }
  for (const range of ranges) {
    const rank = names.indexOf(range.type)
    if (rank > best.rank) best = { weight: range.weight, rank }
  }
  return best
}
