import { describe, expect, test } from 'vitest'
import type { CataloguedPoll } from '../../src/commands/poll-catalogue.ts'
import { evolvePoll, noPoll, type PollState } from '../../src/commands/poll-state.ts'
import { decideReviseAllocation } from '../../src/commands/revise-allocation.ts'
import { evolveSubmission, noSubmission, type SubmissionState } from '../../src/commands/submission-state.ts'
import { decideWithdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import type { DomainEvent } from '../../src/events/domain-events.ts'
import {
  allTrees,
  closed,
  excluded,
  half,
  opened,
  receipt,
  reinstated,
  reopened,
  revised,
  submitted,
  third,
  times,
  withdrawn,
} from './city-parks.ts'
import { type Decider, deciderSpecification } from './decider-specification.ts'

/** What an owner's command is decided on: the submission, and the poll it belongs to. */
interface State {
  readonly poll: PollState
  readonly submission: SubmissionState
}

const owner = <Command>(
  decide: (
    command: Command,
    submission: SubmissionState,
    poll: CataloguedPoll,
  ) => ReturnType<Decider<Command, State>['decide']>,
) =>
  deciderSpecification<Command, State>({
    decide: (command, { submission, poll }) => decide(command, submission, poll as CataloguedPoll),
    evolve: ({ poll, submission }, event: DomainEvent) => ({
      poll: evolvePoll(poll, event),
      submission: evolveSubmission(submission, event),
    }),
    initial: { poll: noPoll, submission: noSubmission },
  })

const command = { submission: '7a5f9c1e-0000-4000-8000-000000000000', receipt, occurredAt: times[1] }

describe('revise an allocation', () => {
  const given = owner(decideReviseAllocation)
  const revise = { ...command, allocation: allTrees }

  test('given it is counted, then it is revised, with what it replaces and when it was first cast', () => {
    const after = given(opened, submitted(half)).when(revise).thenEvents(revised(half, allTrees))
    expect(after.submission).toMatchObject({ status: 'counted', allocation: allTrees, submittedAt: times[0] })
  })

  test('given it was revised before, then it replaces the last one', () => {
    given(opened, submitted(half), revised(half, third)).when(revise).thenEvents(revised(third, allTrees))
  })

  test('given it was reinstated, then it replaces what was reinstated', () => {
    given(opened, submitted(half), excluded(half), reinstated(half))
      .when(revise)
      .thenEvents(revised(half, allTrees))
  })

  test('given it says so already, in any order and with zeros left out, then nothing happens', () => {
    given(opened, submitted(half))
      .when({ ...revise, allocation: half })
      .thenNothingHappens()
    const same = { ...revise, allocation: { paths: 5000, trees: 5000 } }
    given(opened, submitted(half)).when(same).thenNothingHappens()
    const minusZero = { ...revise, allocation: { trees: 5000, paths: 5000, ponds: -0 } }
    given(opened, submitted(half)).when(minusZero).thenNothingHappens()
  })

  test('given mistakes, then it is refused with each of them', () => {
    given(opened, submitted(half))
      .when({ ...revise, allocation: { trees: 9000 } })
      .thenRejected({ code: 'INVALID_ALLOCATION', errors: [expect.objectContaining({ code: 'wrong-sum' })] })
  })

  test('given it is withdrawn, then it is refused', () => {
    given(opened, submitted(half), withdrawn(half))
      .when(revise)
      .thenRejected({ code: 'SUBMISSION_WITHDRAWN', detail: 'You can make a new submission instead.' })
  })

  test('given it is withdrawn and the poll is closed, then no new submission is offered', () => {
    given(opened, submitted(half), withdrawn(half), closed)
      .when(revise)
      .thenRejected({ code: 'SUBMISSION_WITHDRAWN', detail: 'And the poll is closed now.' })
  })

  test('given the poll was reopened, then it is revised', () => {
    given(opened, submitted(half), closed, reopened).when(revise).thenEvents(revised(half, allTrees))
  })
})

describe('withdraw an allocation', () => {
  const given = owner(decideWithdrawAllocation)

  test('given it is counted, then it is withdrawn, with what it takes back', () => {
    const after = given(opened, submitted(half)).when(command).thenEvents(withdrawn(half))
    expect(after.submission).toMatchObject({ status: 'withdrawn' })
  })

  test('given it was revised, then the last allocation is taken back', () => {
    given(opened, submitted(half), revised(half, third)).when(command).thenEvents(withdrawn(third))
  })

  test('given the poll was reopened, then it is withdrawn', () => {
    given(opened, submitted(half), closed, reopened).when(command).thenEvents(withdrawn(half))
  })

  test('given it is withdrawn, then nothing happens, even when the poll has closed meanwhile', () => {
    given(opened, submitted(half), withdrawn(half)).when(command).thenNothingHappens()
    given(opened, submitted(half), withdrawn(half), closed).when(command).thenNothingHappens()
  })
})

describe.each([
  ['revise', owner(decideReviseAllocation), { ...command, allocation: allTrees }],
  ['withdraw', owner(decideWithdrawAllocation), { ...command, allocation: undefined }],
] as const)('to %s an allocation', (_name, given, it) => {
  test('given no such submission, then it is refused', () => {
    given(opened).when(it).thenRejected({ code: 'SUBMISSION_NOT_FOUND' })
  })

  test.each(['', 'another', `${receipt} `, receipt.toUpperCase()])(
    'given the receipt %j, then it is refused',
    (wrong) => {
      given(opened, submitted(half))
        .when({ ...it, receipt: wrong })
        .thenRejected({ code: 'WRONG_RECEIPT' })
    },
  )

  test('given a wrong receipt, then nothing else about the submission or the poll is told', () => {
    const stranger = { ...it, receipt: 'another' }
    for (const more of [closed, excluded(half), withdrawn(half)])
      given(opened, submitted(half), more).when(stranger).thenRejected({ code: 'WRONG_RECEIPT' })
  })

  test('given an operator has set it aside, then it is refused, whether the poll is open or closed', () => {
    given(opened, submitted(half), excluded(half)).when(it).thenRejected({ code: 'SUBMISSION_EXCLUDED' })
    given(opened, submitted(half), excluded(half), closed)
      .when(it)
      .thenRejected({ code: 'SUBMISSION_EXCLUDED' })
  })

  test('given the poll is closed, then it is refused', () => {
    given(opened, submitted(half), closed).when(it).thenRejected({ code: 'POLL_CLOSED' })
  })
})

describe('the state of a submission', () => {
  const stateAfter = (...events: readonly DomainEvent[]) => events.reduce(evolveSubmission, noSubmission)

  test.each([revised(half, third), withdrawn(), excluded(), reinstated(), opened, closed, reopened])(
    'is nothing before it is cast ($type)',
    (event) => expect(stateAfter(event)).toBe(noSubmission),
  )

  test('goes out of the count and back in, with the allocation that counted', () => {
    expect(stateAfter(submitted(half), revised(half, third), excluded(third))).toMatchObject({
      status: 'excluded',
      allocation: third,
    })
    expect(stateAfter(submitted(half), excluded(half), reinstated(half))).toMatchObject({
      status: 'counted',
      allocation: half,
    })
  })

  test('keeps what was given last when it is withdrawn', () => {
    expect(stateAfter(submitted(half), withdrawn(half))).toMatchObject({
      status: 'withdrawn',
      allocation: half,
    })
  })

  test.each([opened, closed, reopened])('does not change by $type', (event) => {
    const state = stateAfter(submitted(half))
    expect(evolveSubmission(state, event)).toBe(state)
  })
})
