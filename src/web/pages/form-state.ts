import type { PollDefinition } from '../../events/poll-events.ts'
import type { State } from '../public/steps.js'
import type { FormInput } from './form-input.ts'
import { parsePercent } from './percent-input.ts'

/** As `steps.js` has it. */
export const stateOf = (
  { categories }: PollDefinition,
  { entered, locked }: Pick<FormInput, 'entered' | 'locked'>,
): State => [
  ...categories.map(({ id }) => entered.get(id) ?? ''),
  categories.map(({ id }) => (locked.has(id) ? '1' : '0')).join(''),
]

/** Fields with other texts in them. */
export function reread({ categories, step: grain }: PollDefinition, entered: FormInput['entered']) {
  const read = categories.flatMap(({ id }) => {
    const parsed = parsePercent(entered.get(id) ?? '', grain)
    return 'basisPoints' in parsed ? [[id, parsed.basisPoints] as const] : []
  })
  return { entered, allocation: Object.fromEntries(read) }
}
