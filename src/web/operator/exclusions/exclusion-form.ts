import type { ExclusionFilter } from '../../../commands/exclusions.ts'
import type { FieldError } from '../../../errors.ts'
import { Via } from '../../../events/submission-events.ts'
import type { JobView } from './job-view.ts'

export type ExclusionAct = 'exclude' | 'reinstate'

/** What was typed, by the fields' names. */
export type Entered = Readonly<Record<(typeof fields)[number], string>>

export interface ExclusionFormView {
  readonly polls: readonly { readonly value: string; readonly label: string }[]
  readonly entered: Entered
  readonly errors: readonly FieldError[]
  /** Done or under way lately, the newest first. */
  readonly jobs: readonly JobView[]
}

const fields = ['act', 'poll', 'submissions', 'from', 'to', 'via', 'times', 'minutes'] as const
const MOST_IDS = 1500
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What was typed; nothing where a field is missing. */
export function entered(body: unknown): Entered {
  const given = (body ?? {}) as Record<string, unknown>
  const text = (name: string) => (typeof given[name] === 'string' ? given[name].trim() : '')
  return Object.fromEntries(fields.map((name) => [name, text(name)])) as Entered
}

export interface ExclusionAsked {
  readonly act: ExclusionAct
  readonly filter: ExclusionFilter
}

/**
 * Reads the form. Without an end, the time range ends at `now`: what is submitted after the operator has looked is
 * never meant.
 */
export function readExclusionForm(
  form: Entered,
  now: Date,
): { readonly asked: ExclusionAsked } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const wrong = (field: string, message: string) => {
    errors.push({ field, code: 'invalid', message })
    return undefined
  }
  const submissions = [...new Set(form.submissions.toLowerCase().split(/[\s,;]+/))].filter((id) => id !== '')
  const strange = submissions.find((id) => !UUID.test(id))
  if (strange !== undefined) wrong('submissions', `“${strange.slice(0, 40)}” is no id of a submission.`)
  if (submissions.length > MOST_IDS) wrong('submissions', `Give at most ${MOST_IDS} ids at a time.`)
  const from = instant(form.from) ?? (form.from && wrong('from', 'Write the start as a date and time.'))
  const to = instant(form.to) ?? (form.to && wrong('to', 'Write the end as a date and time.'))
  if (from && to && from >= to) wrong('to', 'The end must be after the start.')
  const via = Via.safeParse(form.via)
  if (form.via !== '' && !via.success) wrong('via', 'Choose how the submissions came in.')
  const repeated = readRepeated(form, wrong)
  const rest = [form.from, form.to, form.via, form.times, form.minutes].some((text) => text !== '')
  if (submissions.length === 0 && !rest)
    wrong('submissions', 'Say which submissions you mean: by their ids, or by anything of the rest.')
  if (submissions.length > 0 && rest) wrong('submissions', 'Give either ids or the rest, not both.')
  if (form.poll === '') wrong('poll', 'Choose a poll.')
  if (errors.length > 0) return { errors }
  const act = form.act === 'reinstate' ? 'reinstate' : 'exclude'
  const filter: ExclusionFilter =
    submissions.length > 0
      ? { poll: form.poll, submissions }
      : {
          poll: form.poll,
          ...(from && { from }),
          to: to || now.toISOString(),
          ...(via.success && { via: via.data }),
          ...(repeated && { repeated }),
        }
  return { asked: { act, filter } }
}

function readRepeated(
  { times, minutes }: Entered,
  wrong: (field: string, message: string) => undefined,
): { times: number; minutes: number } | undefined {
  if (times === '' && minutes === '') return undefined
  const whole = (text: string, most: number) =>
    /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : undefined
  const [n, m] = [whole(times, 1_000_000), whole(minutes, 527_040)]
  if (n === undefined) return wrong('times', 'Say more than how many times: a whole number from 1.')
  if (m === undefined) return wrong('minutes', 'Say within how many minutes: a whole number, at most a year.')
  return { times: n, minutes: m }
}

/** `2026-11-23T10:00`, seconds and fractions if any, in UTC. */
function instant(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z?$/.test(text)) return undefined
  const at = new Date(text.endsWith('Z') ? text : `${text}Z`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
