/** What operators do, as events: who, what, when and why, in words of closed lists. */
import { z } from 'zod'
import { OperatorLabel } from './operator-label.ts'
import { Instant, PollSlug } from './poll-events.ts'

/** Why a parked event is left out for good. */
export const SkipReason = z.enum(['damaged', 'duplicate', 'test', 'superseded', 'other'])
export type SkipReason = z.infer<typeof SkipReason>

const about = {
  /** Place of the parked event in the log. */
  position: z.string().regex(/^[1-9]\d{0,18}$/),
  /** The poll that the parked event names, if it can be read. */
  poll: PollSlug.optional(),
  by: OperatorLabel,
  occurredAt: Instant,
}

/**
 * An operator has a parked event tried again. It carries the event as it could be read then, so that a fold needs no
 * look-up; without it, it could not be read then either, and stays parked.
 */
export const EventRetried = z.strictObject({
  ...about,
  event: z
    .strictObject({
      stream: z.string().max(300),
      type: z.string().max(100),
      schemaVersion: z.int().min(1),
      /** What the schema of its own version allows, and nothing else. */
      data: z.record(z.string(), z.unknown()),
    })
    .optional(),
  /** What came later in its stream holds: it is no longer parked, and changes nothing. */
  overtaken: z.literal(true).optional(),
})

/** An operator leaves a parked event out for good: nobody waits for it any more. */
export const EventSkipped = z.strictObject({ ...about, reason: SkipReason })

/** The stream that holds what operators did about one parked event. */
export const parkedStream = (position: bigint): string => `parked-${position}`
