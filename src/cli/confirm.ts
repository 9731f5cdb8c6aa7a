import type { Call } from './command.ts'
import { Misuse } from './exit-codes.ts'

/**
 * Whether to go on with something that cannot simply be undone: `--yes`, or a person who says so.
 * @param otherwise what one may do instead of saying `--yes`
 * @throws {Misuse} nobody can be asked
 */
export async function confirm(
  { terminal, signal, yes }: Pick<Call, 'terminal' | 'signal'> & { readonly yes: boolean },
  question: string,
  otherwise = 'look first with --dry-run',
): Promise<boolean> {
  if (yes) return true
  const answer = await terminal.ask(question, signal)
  if (answer === undefined) throw new Misuse(`There is nobody to ask: say --yes, or ${otherwise}.`)
  if (!answer) terminal.say('Nothing was done.')
  return answer
}
