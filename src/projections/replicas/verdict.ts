import { holds, type LogMarks } from '../../events/log-marks.ts'
import type { Look } from './look.ts'
import type { ReplicaLook } from './replica.ts'

/**
 * `follows`: it may be read if it has come far enough. Otherwise why it may not, whatever it holds: it was promoted, and
 * goes a way of its own; it is no copy of the primary; it has events that the primary does not have, because one of the
 * two went on after a promotion; it does not answer; it has not been looked at yet.
 */
export type Verdict = 'follows' | 'promoted' | 'no copy' | 'diverged' | 'away' | 'unknown'

/**
 * What two looks tell, of which that at the primary came first.
 * @param marks the primary's log; undefined where it is not in PostgreSQL: then a position stands for the same everywhere
 * @throws while the primary's log cannot be asked
 */
export async function verdictOn(
  { follows, identity, last }: ReplicaLook,
  primary: Pick<Look, 'identity'>,
  marks: Pick<LogMarks, 'at'> | undefined,
): Promise<Verdict> {
  if (!follows) return 'promoted'
  if (identity !== primary.identity) return 'no copy'
  // Looked up after it was seen there: whoever is followed has it by now.
  return !marks || !last || (await holds(marks, last)) ? 'follows' : 'diverged'
}

/** What is wrong with a replica that answers, and what to do about it; for `follows` there is nothing to say. */
export const sentences: Readonly<Record<'promoted' | 'no copy' | 'diverged', string>> = {
  promoted:
    'it follows nobody: it was promoted, or has never been a replica. If it is the primary now, write it into ' +
    'DATABASE_URL; otherwise make it a replica again, from the primary',
  'no copy': 'it is no copy of the database of DATABASE_URL, but of another one',
  diverged:
    'it has events that the database of DATABASE_URL does not have: one of the two went on by itself after a promotion. ' +
    'See that DATABASE_URL leads to the primary, and make the replica anew from that',
}
