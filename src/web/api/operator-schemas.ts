/** What operators send and get: shown in the API's documentation, and checked. */
import { z } from 'zod'
import { SkipReason } from '../../events/operator-events.ts'
import { Instant, PollSlug } from '../../events/poll-events.ts'
import { ExclusionReason } from '../../events/submission-events.ts'
import { ExclusionFilterInput } from '../../operators/exclusion-filter.ts'

const Position = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'write a position of the log as text.')
  .meta({ examples: ['1234'] })

const ParkedEvent = z.object({
  position: Position,
  poll: PollSlug.nullable().describe('Null if it could not even be read which'),
  stream: z.string(),
  type: z.string(),
  error: z.string().describe('Why it could not be applied'),
  parkedAt: Instant,
})

const exampleParked = {
  position: '1234',
  poll: 'us-federal',
  stream: 'submission-3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10',
  type: 'AllocationWithdrawn',
  error: 'it takes back 2500 for health, which was never counted',
  parkedAt: '2026-11-23T10:00:00.000Z',
}

export const ParkedList = z
  .object({ parked: z.array(ParkedEvent) })
  .meta({ description: 'What waits, oldest first', examples: [{ parked: [exampleParked] }] })

export const RetryBody = z
  .strictObject({
    positions: z.array(Position).min(1).max(1000).optional().describe('Every parked event if left out'),
  })
  .meta({ examples: [{ positions: ['1234'] }] })

export const RetryOutcome = z.object({ applied: z.array(Position), parked: z.array(ParkedEvent) }).meta({
  description: 'What is counted now, and what waits still, with the new error',
  examples: [{ applied: ['1234'], parked: [] }],
})

export const SkipBody = z
  .strictObject({ position: Position, reason: SkipReason })
  .meta({ examples: [{ position: '1234', reason: 'damaged' }] })

export const SkipOutcome = z
  .object({ skipped: Position })
  .meta({ description: 'It is left out for good', examples: [{ skipped: '1234' }] })

export const ExclusionBody = z
  .strictObject({
    act: z.enum(['exclude', 'reinstate']),
    reason: ExclusionReason.optional().describe('Why, if they are excluded'),
    filter: ExclusionFilterInput,
  })
  .superRefine(({ act, reason }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['reason'], message })
    if (act === 'exclude' && reason === undefined)
      refuse(`say why: one of ${ExclusionReason.options.join(', ')}.`)
    if (act === 'reinstate' && reason !== undefined) refuse('only what is excluded has a reason.')
  })
  .meta({
    examples: [
      {
        act: 'exclude',
        reason: 'automated',
        filter: { poll: 'us-federal', via: 'api', repeated: { times: 50, minutes: 10 } },
      },
    ],
  })

const share = z.number().nullable()
const Numbers = z.object({
  counted: z.int(),
  excluded: z.int(),
  categories: z.array(
    z.object({ id: z.string(), label: z.string(), mean: share, median: share, truthful: share }),
  ),
})

const exampleNumbers = (counted: number, excluded: number, mean: number) => ({
  counted,
  excluded,
  categories: [{ id: 'health', label: 'Healthcare', mean, median: mean, truthful: mean }],
})

export const ExclusionOutcome = z
  .object({
    found: z.int().describe('How many the filter finds'),
    changed: z.int().describe('How many of them change'),
    already: z.int().describe('How many are so already'),
    withdrawn: z.int().describe('How many were withdrawn: they stay so'),
    examples: z.array(z.uuid()).describe('Some of those that change'),
    before: Numbers,
    after: Numbers,
  })
  .meta({
    description: 'What has happened, or would; shares in basis points',
    examples: [
      {
        ...{ found: 3, changed: 2, already: 1, withdrawn: 0 },
        examples: ['3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10'],
        before: exampleNumbers(1000, 1, 2500),
        after: exampleNumbers(998, 3, 2490),
      },
    ],
  })

export const PollStatus = z
  .object({ poll: PollSlug, status: z.enum(['open', 'closed']) })
  .meta({ description: 'How the poll stands now', examples: [{ poll: 'us-federal', status: 'closed' }] })
