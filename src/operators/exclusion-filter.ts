import { z } from 'zod'
import type { ExclusionFilter } from '../commands/exclusions.ts'
import { type FieldError, Problem } from '../errors.ts'
import { PollSlug } from '../events/poll-events.ts'
import { Via } from '../events/submission-events.ts'

/** A longer list is for a filter. */
const MOST_IDS = 10_000
/** A burst is over within a week. */
const LONGEST_MINUTES = 7 * 24 * 60

const time = (name: string) =>
  z.iso
    .datetime({ offset: true, error: `${name} must be a time such as 2026-11-23T10:00:00Z.` })
    .transform((text) => new Date(text).toISOString())

const whole = (name: string, most: number) => {
  const error = `${name} must be a whole number from 1 to ${most}.`
  return z.int({ error }).min(1, { error }).max(most, { error })
}

/** Which submissions an operator means, as they write it. */
export const ExclusionFilterInput = z
  .strictObject({
    poll: PollSlug,
    submissions: z
      .array(z.uuid({ error: 'submissions must be ids, as their pages have in the address.' }))
      .min(1)
      .max(MOST_IDS)
      .optional()
      .describe('Ids of submissions; nothing else is given then'),
    from: time('from').optional().describe('First cast at or after this time'),
    to: time('to').optional().describe('First cast before this time'),
    via: Via.optional().describe('How they came in'),
    repeated: z
      .strictObject({
        times: whole('times', 10_000),
        minutes: whole('minutes', LONGEST_MINUTES),
      })
      .optional()
      .describe(
        'Allocations given more than `times` times within `minutes`: all that belong to such a burst',
      ),
  })
  .superRefine(({ poll: _, submissions, ...conditions }, context) => {
    const set = Object.entries(conditions).filter(([, value]) => value !== undefined)
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (submissions && set.length > 0) refuse('submissions', 'Give either submissions or conditions.')
    if (!submissions && set.length === 0)
      refuse('submissions', 'Say which: submissions, from, to, via or repeated.')
    if (conditions.from !== undefined && conditions.to !== undefined && conditions.from >= conditions.to)
      refuse('to', 'to must be after from.')
  })

/** The filter with its times in UTC and its ids in lower case. @throws {Problem} INVALID_REQUEST, with every mistake */
export function readFilter(filter: ExclusionFilter | object): ExclusionFilter {
  const parsed = ExclusionFilterInput.safeParse(filter)
  if (!parsed.success) throw invalidFilter(parsed.error.issues.map(fieldError))
  const { submissions, ...rest } = parsed.data
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...(set as unknown as ExclusionFilter),
    ...(submissions && { submissions: [...new Set(submissions.map((id) => id.toLowerCase()))] }),
  }
}

/** What is wrong with a filter. */
export const invalidFilter = (errors: readonly FieldError[]): Problem =>
  new Problem('INVALID_REQUEST', { detail: errors.map(({ message }) => message).join(' '), errors })

const fieldError = ({ path, message }: z.core.$ZodIssue): FieldError => ({
  ...(path.length > 0 && { field: path.join('.') }),
  code: 'not-valid',
  message,
})
