import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'
import { fill } from '../words/template.ts'
import { type FormInput, fieldName } from './form-input.ts'

interface FormRow {
  readonly id: string
  readonly label: string
  readonly description: string
  readonly colour: string
  readonly name: string
  readonly value: string
  /** Length of the bar, `25%`. */
  readonly width: string
  readonly error: string | undefined
}

/** How much is left to give out, as the server last saw it. */
interface Remaining {
  readonly text: string
  readonly state: 'under' | 'exact' | 'over'
}

/** The form of a poll, empty, filled, or with mistakes. */
export interface FormView {
  readonly heading: string
  readonly action: string
  /** Left out when an existing submission is revised. */
  readonly token: string | undefined
  readonly remember: boolean
  readonly step: number
  readonly inputMode: 'numeric' | 'decimal'
  readonly rows: readonly FormRow[]
  readonly errors: readonly FieldError[]
  /** Something that went wrong and is not the person's mistake. */
  readonly trouble: string | undefined
  readonly remaining: Remaining
  readonly revises: string | undefined
}

interface FormOptions {
  readonly locale: Locale
  readonly definition: PollDefinition
  readonly action: string
  readonly token?: string | undefined
  readonly input?: Pick<FormInput, 'entered' | 'allocation' | 'errors' | 'remember'> | undefined
  readonly trouble?: string | undefined
  /** Address of the submission that this form changes. */
  readonly revises?: string | undefined
}

export function formView(options: FormOptions): FormView {
  const { locale, definition, action, token, input, trouble, revises } = options
  const { step, title, categories } = definition
  const errors = input?.errors ?? []
  return {
    heading: title,
    action,
    token,
    remember: input?.remember ?? false,
    step,
    inputMode: step % 100 === 0 ? 'numeric' : 'decimal',
    rows: categories.map(({ id, label, description, colour }) => ({
      ...{ id, label, description, colour },
      name: fieldName(id),
      value: input?.entered.get(id) ?? '',
      width: `${(input?.allocation[id] ?? 0) / 100}%`,
      error: errors.find((error) => error.field === id)?.message,
    })),
    errors,
    trouble,
    remaining: remaining(Object.values(input?.allocation ?? {}), locale),
    revises,
  }
}

/** An allocation as the form's fields would hold it. */
export const enteredFrom = (
  allocation: Readonly<Record<string, number>>,
  { format }: Locale,
): FormInput['entered'] => new Map(Object.entries(allocation).map(([id, share]) => [id, format.entry(share)]))

function remaining(shares: readonly number[], { words, format: { percent } }: Locale): Remaining {
  const { exact, under, over } = words.form.script
  const rest = shares.reduce((left, share) => left - share, WHOLE)
  if (rest === 0) return { text: fill(exact, { whole: percent(WHOLE) }), state: 'exact' }
  const amount = percent(Math.abs(rest))
  return rest > 0
    ? { text: fill(under, { amount }), state: 'under' }
    : { text: fill(over, { amount }), state: 'over' }
}
