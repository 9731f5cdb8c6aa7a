import { OperatorLabel } from '../events/operator-label.ts'
import { Misuse } from './exit-codes.ts'

/** What acts on the command line are signed with, if nobody says otherwise. */
const UNNAMED = 'cli'

/** The option of every command whose act becomes an event. */
export const signedBy = {
  type: 'string',
  value: 'LABEL',
  help: `signs it with a label of yours, a-z, 0-9 and -, no name; unset: ${UNNAMED}`,
} as const

/** @throws {Misuse} it is no label */
export function readLabel(given: string = UNNAMED): string {
  const label = OperatorLabel.safeParse(given)
  if (!label.success) throw new Misuse(`--by must be 1 to 32 of a-z, 0-9 and -, not "${given}".`)
  return label.data
}
