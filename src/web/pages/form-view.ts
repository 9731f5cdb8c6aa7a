import type { FieldError } from '../../errors.ts'
import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'
import { noSteps, writeSteps } from '../public/steps.js'
import { fill } from '../words/template.ts'
import type { FormActions } from './form-actions.ts'
import { type FormInput, fieldName, lockName } from './form-input.ts'
import { stateOf } from './form-state.ts'

interface FormRow {
  readonly id: string
  readonly label: string
  readonly description: string
  readonly colour: string
  /** Among the poll's categories. */
  readonly place: number
  readonly name: string
  readonly value: string
  readonly lock: string
  readonly locked: boolean
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
  /** Its name in addresses. */
  readonly poll: string
  readonly heading: string
  readonly actions: FormActions
  readonly token: string
  /** Whether the server has put in what was sent: it is newer than what the browser may have kept. */
  readonly sent: boolean
  /** What the fields hold that is stored already, as a state of `steps.js` in JSON. */
  readonly stored: string
  readonly steps: string
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly seen: boolean
  readonly into: string
  readonly remember: boolean
  readonly step: number
  readonly inputMode: 'numeric' | 'decimal'
  readonly rows: readonly FormRow[]
  readonly errors: readonly FieldError[]
  /** Something that went wrong and is not the person's mistake. */
  readonly trouble: string | undefined
  /** What a button has done. */
  readonly notice: string | undefined
  readonly remaining: Remaining
  readonly revises: string | undefined
  /** Address of what this browser has submitted here before. */
  readonly before: string | undefined
}

export interface FormOptions {
  readonly locale: Locale
  readonly definition: PollDefinition
  readonly actions: FormActions
  readonly token: string
  /** In which the categories are shown. */
  readonly order: readonly number[]
  /** Nothing is entered, if it is left out. */
  readonly input?: FormInput | undefined
  readonly stored?: FormInput['allocation'] | undefined
  /** Whether `input` was sent. */
  readonly sent?: boolean | undefined
  readonly seen?: boolean | undefined
  readonly into?: string | undefined
  readonly notice?: string | undefined
  readonly trouble?: string | undefined
  /** Address of the submission that this form changes. */
  readonly revises?: string | undefined
  readonly before?: string | undefined
}

/** Nothing, or what is given. */
export const emptyInput = (
  entered: FormInput['entered'],
  allocation: FormInput['allocation'],
): FormInput => ({
  ...{ entered, allocation, errors: [], locked: new Set(), steps: noSteps },
  ...{ token: undefined, seen: false, remember: false },
})

export function formView(options: FormOptions): FormView {
  const { locale, definition, order, sent = false, stored } = options
  const { step, title, categories } = definition
  const input = options.input ?? emptyInput(new Map(), {})
  const { errors, entered, allocation, locked, steps } = input
  const unread = errors.filter(({ field }) => field !== undefined).length
  return {
    ...{ poll: definition.poll, heading: title },
    ...{ actions: options.actions, token: options.token, sent, step, errors },
    stored: JSON.stringify(stateOf(definition, { entered: storedFields(stored, locale), locked: new Set() })),
    steps: writeSteps(steps),
    canUndo: steps.past.length > 0,
    canRedo: steps.future.length > 0,
    seen: options.seen ?? input.seen,
    into: options.into ?? '',
    remember: input.remember,
    inputMode: step % 100 === 0 ? 'numeric' : 'decimal',
    rows: order.map((place) => {
      const { id, label, description, colour } = categories[place]!
      return {
        ...{ id, label, description, colour, place },
        ...{ name: fieldName(id), value: entered.get(id) ?? '' },
        ...{ lock: lockName(id), locked: locked.has(id) },
        width: `${(allocation[id] ?? 0) / 100}%`,
        error: errors.find((error) => error.field === id)?.message,
      }
    }),
    trouble: options.trouble,
    notice: options.notice,
    remaining: remaining(Object.values(allocation), unread, locale),
    revises: options.revises,
    before: options.before,
  }
}

const storedFields = (stored: FormInput['allocation'] | undefined, locale: Locale): FormInput['entered'] =>
  stored ? enteredFrom(stored, locale) : new Map()

/** An allocation as the form's fields would hold it. */
export const enteredFrom = (
  allocation: Readonly<Record<string, number>>,
  { format }: Locale,
): FormInput['entered'] => new Map(Object.entries(allocation).map(([id, share]) => [id, format.entry(share)]))

function remaining(shares: readonly number[], unread: number, { words, format }: Locale): Remaining {
  const { exact, under, over, unclear } = words.form.script
  const { percent, choose, count } = format
  if (unread > 0) return { text: fill(choose(unread, unclear), { count: count(unread) }), state: 'over' }
  const rest = shares.reduce((left, share) => left - share, WHOLE)
  if (rest === 0) return { text: fill(exact, { whole: percent(WHOLE) }), state: 'exact' }
  const amount = percent(Math.abs(rest))
  return rest > 0
    ? { text: fill(under, { amount }), state: 'under' }
    : { text: fill(over, { amount }), state: 'over' }
}
