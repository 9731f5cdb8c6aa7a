import { z } from 'zod'
import { OperatorLabel } from './operator-label.ts'
import { CategoryId, Instant, PollSlug, WHOLE } from './poll-events.ts'

/** Category id → basis points; every category of the poll, multiples of its step, summing to 10 000. */
export const Allocation = z.record(CategoryId, z.int().min(0).max(WHOLE))
export type Allocation = Readonly<Record<string, number>>

/** How a submission came in. */
export const Via = z.enum(['form', 'api', 'import', 'simulation'])
export type Via = z.infer<typeof Via>

/** Why an operator set a submission aside. */
export const ExclusionReason = z.enum(['duplicate', 'automated', 'test', 'coordinated', 'other'])
export type ExclusionReason = z.infer<typeof ExclusionReason>

const common = {
  poll: PollSlug,
  occurredAt: Instant,
}

/** On every later event of a submission: when it was first cast, so that periods need no look-up. */
const later = { ...common, submittedAt: Instant }

const submitted = {
  ...common,
  allocation: Allocation,
  via: Via,
  /** SHA-256 of the receipt, hex. The receipt itself is never stored. */
  receiptHash: z.string().regex(/^[0-9a-f]{64}$/),
}

/** From before it was kept what people had been shown. */
export const AllocationSubmittedV1 = z.strictObject(submitted)

/** What whoever filled in a form had before them, so that what it does to the numbers can be measured. */
export const Shown = z.strictObject({
  /**
   * In which order the categories stood: the place of each among the poll's categories, 00 to 99, one after the other.
   * Text of one length and no list: archives pack it.
   */
  order: z.string().regex(/^(\d\d){2,100}$/),
  /** Whether they are known to have seen everyone's results before. */
  results: z.enum(['seen', 'unseen']),
})
export type Shown = z.infer<typeof Shown>

/** `shown` is there if it came from the form. */
export const AllocationSubmitted = z.strictObject({ ...submitted, shown: Shown.optional() })

/** The owner changed their mind. `replaces` is the allocation that stops to count. */
export const AllocationRevised = z.strictObject({ ...later, allocation: Allocation, replaces: Allocation })

/** The owner took the submission back, for good. */
export const AllocationWithdrawn = z.strictObject({ ...later, replaces: Allocation })

const setAside = { ...later, replaces: Allocation, reason: ExclusionReason }
const takenBack = { ...later, allocation: Allocation }

/** From before operators had labels. */
export const SubmissionExcludedV1 = z.strictObject(setAside)
export const SubmissionReinstatedV1 = z.strictObject(takenBack)

/** An operator set the submission aside; it stays on record and can be reinstated. */
export const SubmissionExcluded = z.strictObject({ ...setAside, by: OperatorLabel })

export const SubmissionReinstated = z.strictObject({ ...takenBack, by: OperatorLabel })

/** The stream that holds a submission's events. */
export const submissionStream = (submission: string): string => `submission-${submission}`
