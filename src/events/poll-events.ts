import { z } from 'zod'
import { OperatorLabel } from './operator-label.ts'

/** Basis points in a whole: an allocation sums to this. */
export const WHOLE = 10_000

/** Name of a poll in addresses and streams. */
export const PollSlug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'use lower-case letters, digits and single hyphens')
  .max(64)

export const CategoryId = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'use lower-case letters, digits and single hyphens')
  .max(64)

/** ISO 8601 in UTC with milliseconds: `2026-11-23T10:00:00.000Z`. */
export const Instant = z.iso.datetime({ precision: 3 })

/** Text that every store and every page can hold: whole characters, none that control a terminal. */
const Text = (max: number) =>
  z
    .string()
    .max(max)
    .refine(
      (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
      'has control characters or half a character',
    )

const Category = z.strictObject({
  id: CategoryId,
  label: Text(200).min(1),
  description: Text(500),
  colour: z.string().regex(/^#[0-9a-f]{6}$/, 'write a colour as #rrggbb'),
})

/** An actual budget to compare with: category id → basis points, summing to 10 000. */
const Baseline = z.strictObject({
  id: CategoryId,
  label: Text(200).min(1),
  source: Text(500).min(1),
  note: Text(500).optional(),
  shares: z.record(CategoryId, z.int().min(0).max(WHOLE)),
})

/** What a poll asks. It never changes: a new question is a new poll. */
export const PollDefinition = z
  .object({
    poll: PollSlug,
    title: Text(200).min(1),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'write three letters, like USD')
      .optional(),
    /** The grain of an allocation in basis points: 100 = whole percents. Divides 10 000. */
    step: z
      .int()
      .min(1)
      .max(WHOLE)
      .refine((step) => WHOLE % step === 0, 'must divide 10 000'),
    categories: z.array(Category).min(2).max(100),
    baselines: z.array(Baseline).max(10),
  })
  .superRefine((poll, context) => {
    const ids = new Set(poll.categories.map((category) => category.id))
    if (ids.size !== poll.categories.length)
      context.addIssue({ code: 'custom', path: ['categories'], message: 'two categories have the same id' })
    for (const [index, baseline] of poll.baselines.entries()) {
      const path = ['baselines', index, 'shares']
      const unknown = Object.keys(baseline.shares).filter((id) => !ids.has(id))
      if (unknown.length > 0)
        context.addIssue({ code: 'custom', path, message: `no such category: ${unknown.join(', ')}` })
      const missing = [...ids].filter((id) => baseline.shares[id] === undefined)
      if (missing.length > 0)
        context.addIssue({ code: 'custom', path, message: `missing: ${missing.join(', ')}` })
      const sum = Object.values(baseline.shares).reduce((total, share) => total + share, 0)
      if (sum !== WHOLE) context.addIssue({ code: 'custom', path, message: `sums to ${sum}, not ${WHOLE}` })
    }
  })
export type PollDefinition = z.infer<typeof PollDefinition>

// Events are strict: what a schema does not name (an address, a remark) is never data, and a new field is a new version.
export const PollOpened = PollDefinition.safeExtend({ occurredAt: Instant }).strict()
const turned = { poll: PollSlug, occurredAt: Instant }
/** From before operators had labels. */
export const PollClosedV1 = z.strictObject(turned)
export const PollReopenedV1 = z.strictObject(turned)
export const PollClosed = z.strictObject({ ...turned, by: OperatorLabel })
export const PollReopened = z.strictObject({ ...turned, by: OperatorLabel })

/** The stream that holds a poll's own events. */
export const pollStream = (poll: string): string => `poll-${poll}`
