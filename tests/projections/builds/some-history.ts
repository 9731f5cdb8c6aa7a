import fc from 'fast-check'
import { type Append, actions, tell } from '../../support/history.ts'

/** A history of so many acts, the same each time but for the ids in it. */
export function history(acts: number, polls: readonly [string, string] = ['one', 'two']): readonly Append[] {
  const [sample] = fc.sample(actions({ minLength: acts, maxLength: acts }), { numRuns: 1, seed: acts })
  return tell(sample!, polls)
}
