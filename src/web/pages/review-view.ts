import { type PollDefinition, WHOLE } from '../../events/poll-events.ts'
import { moneyToMove } from '../../queries/comparison.ts'
import type { Locale } from '../locale.ts'
import { writeSteps } from '../public/steps.js'
import { type BarChart, barChart } from './charts.ts'
import type { FormActions } from './form-actions.ts'
import { type FormInput, fieldName, lockName } from './form-input.ts'

interface ReviewRow {
  readonly label: string
  readonly own: number
  readonly baseline: number | undefined
}

/** A split once more before it is sent, beside the actual budget and nothing else: what others want comes after. */
export interface ReviewView {
  readonly pollTitle: string
  readonly actions: FormActions
  /** Everything that the form held, to be sent on or back to it. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Where it leads once it is stored. */
  readonly result: string
  readonly remember: boolean
  readonly rows: readonly ReviewRow[]
  /** What it is compared with. */
  readonly baseline: string | undefined
  /** Part of the money that would go elsewhere, 0 to 1. */
  readonly moved: number | undefined
  readonly chart: BarChart
  /** Address of the submission that is changed. */
  readonly revises: string | undefined
}

export interface ReviewOptions {
  readonly locale: Locale
  readonly definition: PollDefinition
  readonly actions: FormActions
  readonly token: string
  readonly order: readonly number[]
  readonly input: FormInput
  readonly result: string
  readonly revises?: string | undefined
}

export function reviewView(options: ReviewOptions): ReviewView {
  const { locale, definition, order, input, actions, result, revises } = options
  const [baseline] = definition.baselines
  const categories = order.map((place) => definition.categories[place]!)
  const shares = categories.map(({ id }) => input.allocation[id] ?? 0)
  const actual = baseline && categories.map(({ id }) => baseline.shares[id] ?? 0)
  return {
    pollTitle: definition.title,
    ...{ actions, result, revises, remember: input.remember },
    fields: fieldsOf(options),
    rows: categories.map(({ label }, index) => ({ label, own: shares[index]!, baseline: actual?.[index] })),
    baseline: baseline?.label,
    moved: actual && moneyToMove(shares, actual) * WHOLE,
    chart: barChart(
      categories.map(({ label, colour }, index) => ({
        ...{ label, colour, text: locale.format.percent(shares[index]!), value: shares[index]! },
        line: actual?.[index],
      })),
      locale,
    ),
  }
}

const fieldsOf = ({ definition, token, input }: ReviewOptions): [string, string][] => [
  ['token', token],
  ...definition.categories.map(({ id }): [string, string] => [fieldName(id), input.entered.get(id) ?? '']),
  ...[...input.locked].map((id): [string, string] => [lockName(id), 'yes']),
  ['steps', writeSteps(input.steps)],
  ['seen', input.seen ? 'yes' : ''],
  ...(input.remember ? [['remember', 'yes'] as [string, string]] : []),
]
