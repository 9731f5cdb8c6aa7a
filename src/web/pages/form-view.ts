import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import { type FormInput, fieldName } from './form-input.ts'
import { percent } from './format.ts'

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
  readonly grain: string
  readonly inputMode: 'numeric' | 'decimal'
  readonly rows: readonly FormRow[]
  readonly errors: readonly FieldError[]
  /** Something that went wrong and is not the person's mistake. */
  readonly trouble: string | undefined
  readonly remaining: Remaining
  readonly revises: string | undefined
}

interface FormOptions {
  readonly definition: PollDefinition
  readonly action: string
  readonly token?: string | undefined
  readonly input?: Pick<FormInput, 'entered' | 'allocation' | 'errors' | 'remember'> | undefined
  readonly trouble?: string | undefined
  /** Address of the submission that this form changes. */
  readonly revises?: string | undefined
}

export function formView({ definition, action, token, input, trouble, revises }: FormOptions): FormView {
  const { step, title, categories } = definition
  const errors = input?.errors ?? []
  return {
    heading: title,
    action,
    token,
    remember: input?.remember ?? false,
    step,
    grain: step === 100 ? 'whole percents' : `steps of ${percent(step)}`,
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
    remaining: remaining(Object.values(input?.allocation ?? {})),
    revises,
  }
}

/** An allocation as the form's fields would hold it. */
export const enteredFrom = (allocation: Readonly<Record<string, number>>): FormInput['entered'] =>
  new Map(Object.entries(allocation).map(([id, share]) => [id, String(share / 100)]))

function remaining(shares: readonly number[]): Remaining {
  const rest = shares.reduce((left, share) => left - share, WHOLE)
  if (rest === 0) return { text: `Exactly ${percent(WHOLE)}: ready to submit`, state: 'exact' }
  if (rest > 0) return { text: `${percent(rest)} still to give out`, state: 'under' }
  return { text: `${percent(-rest)} too much`, state: 'over' }
}
