import { rankOf } from '../../projections/poll-aggregate.ts'
import type { Answer } from '../../queries/results.ts'

/**
 * Made of the position, whatever the tier. While the position stands, the number of parked events may change, and all
 * numbers may when another version of the read model becomes the live one.
 */
export const etagOf = ({
  aggregate: { position, parked, generation = 0 },
}: Pick<Answer, 'aggregate'>): string =>
  `"${position}${parked > 0 ? `.p${parked}` : ''}${generation > 0 ? `.g${generation}` : ''}"`

/**
 * What the client has seen already (`rankOf`): the tag of results, whatever stands in it after the position. Somebody
 * else's process may have shown it: they must not see the results go back.
 */
export function rankSeen(ifNoneMatch: string | undefined): bigint {
  const [, position, generation = '0'] =
    /^(?:W\/)?"(\d{1,18})(?:\.p\d+)?(?:\.g(\d{1,9}))?[."]/.exec(ifNoneMatch ?? '') ?? []
  return position === undefined ? 0n : rankOf({ position: BigInt(position), generation: Number(generation) })
}

/** Whether the client has it already: `If-None-Match` as RFC 9110 defines it, a list, weak tags and `*` included. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
