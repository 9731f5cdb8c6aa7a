/** What requests and answers look like: it is shown in the API's documentation, and tests hold the answers to it. */
import { z } from 'zod'
import { CategoryId, Instant, PollDefinition, PollSlug } from '../../events/poll-events.ts'
import { Allocation } from '../../events/submission-events.ts'
import { Comparison } from '../../queries/comparison.ts'
import { tiers } from '../../queries/results.ts'

const Position = z
  .string()
  .regex(/^\d+$/)
  .describe('Place in the event log: opaque, but ordered')
  .meta({ examples: ['1234'] })

export const PollParameters = z.object({ poll: PollSlug.meta({ examples: ['us-federal'] }) })
export type PollParameters = z.infer<typeof PollParameters>

const exampleId = '3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10'

export const SubmissionParameters = z.object({
  submission: z.uuid().meta({ examples: [exampleId] }),
})
export type SubmissionParameters = z.infer<typeof SubmissionParameters>

export const PollView = PollDefinition.safeExtend({ status: z.enum(['open', 'closed']) }).describe('The poll')
export const PollList = z.object({ polls: z.array(PollView) }).describe('The polls')

export const Traceparent = z
  .string()
  .optional()
  .describe(
    'The trace that the request belongs to (W3C Trace Context): kept with what it changes and named in our logs. One that is not valid is ignored.',
  )
  .meta({ examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] })

/** The body of POST and PUT. */
export const AllocationBody = z
  .strictObject({
    allocation: z
      .record(CategoryId, z.int().min(0).max(10_000))
      .describe(
        'Category → basis points, multiples of the poll’s step, 10 000 in all; what is left out is 0',
      ),
  })
  .meta({ examples: [{ allocation: { health: 2500, education: 2500, defense: 1000, environment: 4000 } }] })

export const Receipt = z
  .object({
    submission: z.uuid(),
    receipt: z.string().describe('Keep it: it is needed to revise or withdraw, and cannot be had again'),
    position: Position.describe('Results from this position on include the submission'),
  })
  .meta({
    description: 'It is stored',
    examples: [{ submission: exampleId, receipt: 'RCvVvVe1Z7-1tpArwIPSkW1Jg6cfFxh9', position: '1234' }],
  })

const status = z.enum(['counted', 'excluded', 'withdrawn'])

export const SubmissionView = z
  .object({
    submission: z.uuid(),
    poll: PollSlug,
    status,
    submittedAt: Instant,
    position: Position,
    allocation: Allocation.nullable().describe('Null once it is withdrawn'),
    comparison: Comparison.extend({ tier: z.enum(tiers), position: Position, asOf: Instant })
      .nullable()
      .describe('Null once it is withdrawn, and while the results cannot be read'),
  })
  .describe('The submission as it stands, or as it stood at the moment asked for')
export type SubmissionView = z.infer<typeof SubmissionView>

export const ChangedSubmission = z
  .object({
    submission: z.uuid(),
    status,
    allocation: Allocation,
    position: Position,
  })
  .describe('The submission as it stands now')
export type ChangedSubmission = z.infer<typeof ChangedSubmission>
