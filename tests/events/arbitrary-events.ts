/** Any event that the schemas allow. */
import fc from 'fast-check'
import { type DomainEvent, type EventType, schemaVersionOf } from '../../src/events/domain-events.ts'
import { SkipReason } from '../../src/events/operator-events.ts'
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

const label = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
const common = { poll: slug, occurredAt: instant }
const later = { ...common, submittedAt: instant }
const act = { position: fc.bigInt({ min: 1n, max: 2n ** 60n }).map(String), ...common, by: label }

const data = {
  PollOpened: fc
    .tuple(anyDefinition, instant)
    .map(([definition, occurredAt]) => ({ ...definition, occurredAt })),
  PollClosed: fc.record({ ...common, by: label }),
  PollReopened: fc.record({ ...common, by: label }),
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
    by: label,
  }),
  SubmissionReinstated: fc.record({ ...later, allocation, by: label }),
  EventSkipped: fc.record(
    { ...act, reason: fc.constantFrom(...SkipReason.options) },
    { requiredKeys: ['position', 'by', 'occurredAt', 'reason'] },
  ),
} satisfies Record<Exclude<EventType, 'EventRetried'>, fc.Arbitrary<object>>

const eventOf = ([type, it]: [string, unknown]) =>
  (it as fc.Arbitrary<object>).map((data) => ({ type, data }) as DomainEvent)

const retried = fc
  .record(
    {
      ...act,
      event: fc.oneof(...Object.entries(data).map(eventOf)).map(({ type, data }) => ({
        stream: 'submission-3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10',
        type,
        schemaVersion: schemaVersionOf(type),
        data: { ...data },
      })),
      overtaken: fc.constant(true as const),
    },
    { requiredKeys: ['position', 'by', 'occurredAt'] },
  )
  .map((data): DomainEvent => ({ type: 'EventRetried', data }))

export const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(...Object.entries(data).map(eventOf), retried)
