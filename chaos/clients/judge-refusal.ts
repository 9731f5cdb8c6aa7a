import { type ProblemCode, problems } from '../../src/errors.ts'
import type { HttpAnswer } from './ask.ts'

/** What a refusal says; a text is what is wrong with the refusal itself. */
export type Refusal = { readonly code: ProblemCode } | { readonly unclear: string }

/** A refusal is clear if it is problem+json of the table of problems, and not an accident of ours. */
export function judgeRefusal({ status, headers, text }: HttpAnswer): Refusal {
  const unclear = (why: string) => ({ unclear: `${status}, ${why}: ${text.slice(0, 500)}` })
  if (!headers['content-type']?.startsWith('application/problem+json')) return unclear('not problem+json')
  try {
    const { code } = JSON.parse(text) as { code: ProblemCode }
    if (!(code in problems)) return unclear('a code that nobody knows')
    if (problems[code].status !== status) return unclear('a code of another status')
    return code === 'INTERNAL_ERROR' ? unclear('an accident') : { code }
  } catch {
    return unclear('not JSON')
  }
}
