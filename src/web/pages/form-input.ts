import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import { readSteps, type Steps } from '../public/steps.js'
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
  /** Categories that 'split the rest' leaves alone. */
  readonly locked: ReadonlySet<string>
  readonly steps: Steps
  readonly token: unknown
  /** A script knows that this browser has shown everyone's results. */
  readonly seen: boolean
  /** Whether this device may remember the submission. */
  readonly remember: boolean
}

const fieldPrefix = 'allocation['

/** Name of a category's lock. */
export const lockName = (category: string): string => `locked[${category}]`

/** Name of a category's field. */
export const fieldName = (category: string): string => `${fieldPrefix}${category}]`

/** Reads a posted form; every mistake is told in the sender's terms. */
export function readForm(definition: PollDefinition, body: unknown, { form: words }: Words): FormInput {
  const { categories } = definition
  const fields = new Map<string, unknown>(Object.entries(body ?? {}))
  const entered = new Map<string, string>()
  const allocation: Record<string, number> = {}
  const errors: FieldError[] = []
  for (const { id, label } of categories) {
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
  if (errors.length === 0) errors.push(...wrongSum(definition, allocation, words))
  return {
    entered,
    allocation,
    errors,
    locked: new Set(categories.filter(({ id }) => fields.get(lockName(id)) === 'yes').map(({ id }) => id)),
    steps: readSteps(fields.get('steps'), categories.length),
    token: fields.get('token'),
    seen: fields.get('seen') === 'yes',
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

const MOST_NAMED = 3

/** With what to change: where too much is given out, what has most of it. */
function wrongSum(
  { categories }: PollDefinition,
  allocation: FormInput['allocation'],
  words: Words['form'],
): FieldError[] {
  const sum = Object.values(allocation).reduce((total, share) => total + share, 0)
  if (sum === WHOLE) return []
  if (sum < WHOLE) return [{ code: 'wrong-sum', message: words.tooLittle(sum) }]
  const largest = categories
    .map(({ id, label }) => ({ label, share: allocation[id] ?? 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
  return [{ code: 'wrong-sum', message: words.tooMuch(sum, largest.slice(0, MOST_NAMED)) }]
}
