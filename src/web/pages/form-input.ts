import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import type { Words } from '../words/words.ts'
import { type PercentMistake, parsePercent } from './percent-input.ts'

/** What a person sent with the form. */
export interface FormInput {
  /** Category id → the text as it was entered: shown again if anything is wrong. */
  readonly entered: ReadonlyMap<string, string>
  /** Category id → basis points, as far as they could be read. */
  readonly allocation: Readonly<Record<string, number>>
  /** In the person's language. */
  readonly errors: readonly FieldError[]
  readonly token: unknown
  /** Whether this device may remember the submission. */
  readonly remember: boolean
}

const fieldPrefix = 'allocation['

/** Name of a category's field. */
export const fieldName = (category: string): string => `${fieldPrefix}${category}]`

/** Reads a posted form; every mistake is told in the sender's terms. */
export function readForm(definition: PollDefinition, body: unknown, { form: words }: Words): FormInput {
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
      errors.push({ field: id, code: 'repeated', message: words.repeated(label) })
    else if ('mistake' in parsed) {
      const message = sentence(words, label, definition.step, parsed.mistake)
      errors.push({ field: id, code: parsed.mistake.code, message })
    } else allocation[id] = parsed.basisPoints
    fields.delete(name)
  }
  errors.push(...unknownCategories(fields, words))
  if (errors.length === 0) errors.push(...wrongSum(Object.values(allocation), words))
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

function sentence(words: Words['form'], label: string, step: number, mistake: PercentMistake): string {
  switch (mistake.code) {
    case 'not-a-number':
      return words.notANumber(label, mistake.entered)
    case 'negative':
      return words.negative(label)
    case 'too-large':
      return words.tooLarge(label)
    case 'off-step':
      return words.offStep(label, step, mistake.lower)
  }
}

const unknownCategories = (fields: ReadonlyMap<string, unknown>, words: Words['form']): FieldError[] =>
  [...fields.keys()]
    .filter((name) => name.startsWith(fieldPrefix))
    .slice(0, 10)
    .map((name) => ({
      code: 'unknown-category',
      message: words.unknownCategory(
        name.slice(fieldPrefix.length, fieldPrefix.length + 40).replace(/]$/, ''),
      ),
    }))

function wrongSum(shares: readonly number[], words: Words['form']): FieldError[] {
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum === WHOLE) return []
  return [{ code: 'wrong-sum', message: sum < WHOLE ? words.tooLittle(sum) : words.tooMuch(sum) }]
}
