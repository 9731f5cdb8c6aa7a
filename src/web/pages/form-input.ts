import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import { percent } from './format.ts'
import { parsePercent } from './percent-input.ts'

/** What a person sent with the form. */
export interface FormInput {
  /** Category id → the text as it was entered: shown again if anything is wrong. */
  readonly entered: ReadonlyMap<string, string>
  /** Category id → basis points, as far as they could be read. */
  readonly allocation: Readonly<Record<string, number>>
  readonly errors: readonly FieldError[]
  readonly token: unknown
  /** Whether this device may remember the submission. */
  readonly remember: boolean
}

const fieldPrefix = 'allocation['

/** Name of a category's field. */
export const fieldName = (category: string): string => `${fieldPrefix}${category}]`

/** Reads a posted form; every mistake is told in the sender's terms. */
export function readForm(definition: PollDefinition, body: unknown): FormInput {
  const fields = new Map<string, unknown>(Object.entries(body ?? {}))
  const entered = new Map<string, string>()
  const allocation: Record<string, number> = {}
  const errors: FieldError[] = []
  for (const { id, label } of definition.categories) {
    const name = fieldName(id)
    const text = onlyText(fields.get(name))
    entered.set(id, text)
    const parsed = parsePercent(text, definition.step)
    if (Array.isArray(fields.get(name)))
      errors.push({ field: id, code: 'repeated', message: `${label} was sent more than once.` })
    else if ('error' in parsed)
      errors.push({ field: id, ...parsed.error, message: `${label} ${parsed.error.message}` })
    else allocation[id] = parsed.basisPoints
    fields.delete(name)
  }
  errors.push(...unknownCategories(fields))
  if (errors.length === 0) errors.push(...wrongSum(Object.values(allocation)))
  return {
    entered,
    allocation,
    errors,
    token: fields.get('token'),
    remember: fields.get('remember') === 'yes',
  }
}

/** A field's text; of a repeated one the first. */
const onlyText = (value: unknown): string => {
  const first = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first : ''
}

const unknownCategories = (fields: ReadonlyMap<string, unknown>): FieldError[] =>
  [...fields.keys()]
    .filter((name) => name.startsWith(fieldPrefix))
    .slice(0, 10)
    .map((name) => ({
      code: 'unknown-category',
      message: `This poll has no category “${name.slice(fieldPrefix.length, fieldPrefix.length + 40).replace(/]$/, '')}”.`,
    }))

function wrongSum(shares: readonly number[]): FieldError[] {
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum === WHOLE) return []
  const away = percent(Math.abs(WHOLE - sum))
  const what = sum < WHOLE ? `${away} is still to be given out` : `that is ${away} too much`
  return [
    {
      code: 'wrong-sum',
      message: `The shares add up to ${percent(sum)}, not to ${percent(WHOLE)}: ${what}.`,
    },
  ]
}
