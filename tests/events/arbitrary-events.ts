/** Any event that the schemas allow. */
import fc from 'fast-check'
import type { DomainEvent, EventType } from '../../src/events/domain-events.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import { ExclusionReason, Via } from '../../src/events/submission-events.ts'
import { ballotOf } from '../queries/ballots.ts'

const slug = fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}$/)
const text = (minLength: number, maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength, maxLength: 40 })
    .map((it) => it.slice(0, maxLength))
    .filter((it) => it.length >= minLength && it.isWellFormed())
const instant = fc
  .date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString())
const allocation = fc
  .uniqueArray(slug, { minLength: 2, maxLength: 5 })
  .chain((ids) =>
    ballotOf(ids.length).map((values) => Object.fromEntries(ids.map((id, i) => [id, values[i]!]))),
  )

const baseline = (ids: readonly string[]) =>
  fc.record(
    {
      id: slug,
      label: text(1, 200),
      source: text(1, 500),
      note: text(0, 500),
      shares: ballotOf(ids.length).map((values) => Object.fromEntries(ids.map((id, i) => [id, values[i]!]))),
    },
    { requiredKeys: ['id', 'label', 'source', 'shares'] },
  )

/** A poll of two to five categories. */
const anyDefinition: fc.Arbitrary<PollDefinition> = fc
  .uniqueArray(slug, { minLength: 2, maxLength: 5 })
  .chain((ids) =>
    fc.record(
      {
        poll: slug,
        title: text(1, 200),
        currency: fc.constantFrom('USD', 'EUR'),
        step: fc.constantFrom(1, 4, 100, 500, 2500),
        categories: fc.tuple(
          ...ids.map((id) =>
            fc.record({
              id: fc.constant(id),
              label: text(1, 200),
              description: text(0, 500),
              colour: fc.stringMatching(/^#[0-9a-f]{6}$/),
            }),
          ),
        ),
        baselines: fc.array(baseline(ids), { maxLength: 2 }),
      },
      { requiredKeys: ['poll', 'title', 'step', 'categories', 'baselines'] },
    ),
  )

const common = { poll: slug, occurredAt: instant }
const later = { ...common, submittedAt: instant }

const data = {
  PollOpened: fc
    .tuple(anyDefinition, instant)
    .map(([definition, occurredAt]) => ({ ...definition, occurredAt })),
  PollClosed: fc.record(common),
  PollReopened: fc.record(common),
  AllocationSubmitted: fc.record(
    {
      ...common,
      allocation,
      via: fc.constantFrom(...Via.options),
      receiptHash: fc.stringMatching(/^[0-9a-f]{64}$/),
      shown: fc.record({
        order: fc.stringMatching(/^(\d\d){2,12}$/),
        results: fc.constantFrom('seen', 'unseen'),
      }),
    },
    { requiredKeys: ['poll', 'occurredAt', 'allocation', 'via', 'receiptHash'] },
  ),
  AllocationRevised: fc.record({ ...later, allocation, replaces: allocation }),
  AllocationWithdrawn: fc.record({ ...later, replaces: allocation }),
  SubmissionExcluded: fc.record({
    ...later,
    replaces: allocation,
    reason: fc.constantFrom(...ExclusionReason.options),
  }),
  SubmissionReinstated: fc.record({ ...later, allocation }),
} satisfies Record<EventType, fc.Arbitrary<object>>

export const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(
  ...Object.entries(data).map(([type, it]) =>
    (it as fc.Arbitrary<object>).map((data) => ({ type, data }) as DomainEvent),
  ),
)
