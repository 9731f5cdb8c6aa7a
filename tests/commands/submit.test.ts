import { describe, expect, test } from 'vitest'
import type { CataloguedPoll } from '../../src/commands/poll-catalogue.ts'
import { evolvePoll, noPoll, type PollState } from '../../src/commands/poll-state.ts'
import { decideSubmitAllocation, type SubmitAllocation } from '../../src/commands/submit-allocation.ts'
import {
  allTrees,
  cityParks,
  closed,
  half,
  opened,
  receiptHash,
  reopened,
  submitted,
  times,
} from './city-parks.ts'
import { deciderSpecification } from './decider-specification.ts'

const given = deciderSpecification({
  decide: (command: SubmitAllocation, state: PollState) =>
    decideSubmitAllocation(command, state as CataloguedPoll),
  evolve: evolvePoll,
  initial: noPoll,
})

const submit: SubmitAllocation = { allocation: half, via: 'form', receiptHash, occurredAt: times[0] }

describe('submit an allocation', () => {
  test('given the poll is open, then it is submitted', () => {
    given(opened).when(submit).thenEvents(submitted(half))
  })

  test('given the poll was reopened, then it is submitted', () => {
    given(opened, closed, reopened).when(submit).thenEvents(submitted(half))
  })

  test('given categories are left out, then they get 0, and the order is the poll’s', () => {
    given(opened)
      .when({ ...submit, allocation: { trees: 10_000 } })
      .thenEvents(submitted(allTrees))
    const mixed = { ...submit, allocation: { paths: 5000, trees: 5000 } }
    const decision = decideSubmitAllocation(mixed, { status: 'open', definition: cityParks })
    expect(JSON.stringify(decision)).toBe(JSON.stringify({ events: [submitted(half)] }))
  })

  test.each(['form', 'api', 'import', 'simulation'] as const)(
    'given it comes by %s, then that is told',
    (via) => {
      given(opened)
        .when({ ...submit, via })
        .thenEvents(submitted(half, { via }))
    },
  )

  test('given more is sent along, then it is not kept', () => {
    const more = { ...submit, ip: '203.0.113.7', userAgent: 'Mozilla/5.0', comment: 'hello' }
    given(opened).when(more).thenEvents(submitted(half))
  })

  test('given the poll is closed, then it is refused, whatever the allocation', () => {
    given(opened, closed)
      .when(submit)
      .thenRejected({ code: 'POLL_CLOSED', detail: 'The poll city-parks no longer takes submissions.' })
    given(opened, closed)
      .when({ ...submit, allocation: 'nonsense' })
      .thenRejected({ code: 'POLL_CLOSED' })
  })

  test('given mistakes, then it is refused with each of them, and all in one sentence', () => {
    given(opened)
      .when({ ...submit, allocation: { trees: 50, lakes: 1 } })
      .thenRejected({
        code: 'INVALID_ALLOCATION',
        detail: 'Trees must be in steps of 1 % (100 basis points). The poll has no such category.',
        errors: [
          expect.objectContaining({ field: 'trees', code: 'off-step' }),
          expect.objectContaining({ field: 'lakes', code: 'unknown-category' }),
        ],
      })
  })
})
