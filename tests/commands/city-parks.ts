/** The poll and the events that the command tests speak of. */
import { hashReceipt } from '../../src/commands/receipt.ts'
import type { DomainEvent, EventData } from '../../src/events/domain-events.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import type { Allocation, ExclusionReason } from '../../src/events/submission-events.ts'

const category = (id: string, label: string) => ({ id, label, description: '', colour: '#2f855a' })

export const cityParks: PollDefinition = {
  poll: 'city-parks',
  title: 'What should the parks have more of?',
  step: 100,
  categories: [category('trees', 'Trees'), category('paths', 'Paths'), category('ponds', 'Ponds')],
  baselines: [],
}

const poll = cityParks.poll
/** The operator. */
export const by = 'anna'

export const half = { trees: 5000, paths: 5000, ponds: 0 }
export const third = { trees: 3300, paths: 3300, ponds: 3400 }
export const allTrees = { trees: 10_000, paths: 0, ponds: 0 }

/** The owner's receipt, and what is stored of it. */
export const receipt = 'the-owner-holds-this'
export const receiptHash = hashReceipt(receipt)

/** One moment after another. */
export const times = [10, 11, 12, 13, 14].map((hour) => `2026-11-23T${hour}:00:00.000Z`) as [
  string,
  string,
  string,
  string,
  string,
]
const [first, second, third_] = times

export const opened: DomainEvent = { type: 'PollOpened', data: { ...cityParks, occurredAt: first } }
export const closed: DomainEvent = { type: 'PollClosed', data: { poll, occurredAt: second, by } }
export const reopened: DomainEvent = { type: 'PollReopened', data: { poll, occurredAt: third_, by } }

export const submitted = (
  allocation: Allocation = half,
  more: Partial<EventData<'AllocationSubmitted'>> = {},
): DomainEvent => ({
  type: 'AllocationSubmitted',
  data: { poll, allocation, via: 'form', receiptHash, occurredAt: first, ...more },
})

const later = (occurredAt: string, submittedAt = first) => ({ poll, submittedAt, occurredAt })

export const revised = (replaces: Allocation, allocation: Allocation, occurredAt = second): DomainEvent => ({
  type: 'AllocationRevised',
  data: { ...later(occurredAt), allocation, replaces },
})

export const withdrawn = (replaces: Allocation = half, occurredAt = second): DomainEvent => ({
  type: 'AllocationWithdrawn',
  data: { ...later(occurredAt), replaces },
})

export const excluded = (
  replaces: Allocation = half,
  reason: ExclusionReason = 'duplicate',
  occurredAt = second,
): DomainEvent => ({ type: 'SubmissionExcluded', data: { ...later(occurredAt), replaces, reason, by } })

export const reinstated = (allocation: Allocation = half, occurredAt = third_): DomainEvent => ({
  type: 'SubmissionReinstated',
  data: { ...later(occurredAt), allocation, by },
})
