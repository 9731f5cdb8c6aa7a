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

export const AllocationSubmitted = z.strictObject({
  ...common,
  allocation: Allocation,
  via: Via,
  /** SHA-256 of the receipt, hex. The receipt itself is never stored. */
  receiptHash: z.string().regex(/^[0-9a-f]{64}$/),
})

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
