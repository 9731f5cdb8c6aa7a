import type { Answer } from '../../queries/results.ts'

/** Made of the position, whatever the tier. The number of parked events may change while the position stands. */
export const etagOf = ({ aggregate: { position, parked } }: Pick<Answer, 'aggregate'>): string =>
  parked > 0 ? `"${position}.p${parked}"` : `"${position}"`

/** Whether the client has it already: `If-None-Match` as RFC 9110 defines it, a list, weak tags and `*` included. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
