import { describe, expect, test } from 'vitest'
import { decideExcludeSubmission } from '../../src/commands/exclude-submission.ts'
import { evolveParkedEvent, type ParkedEventActs } from '../../src/commands/parked-event-state.ts'
import { decideReinstateSubmission } from '../../src/commands/reinstate-submission.ts'
import { decideRetryEvent } from '../../src/commands/retry-event.ts'
import { decideSkipEvent } from '../../src/commands/skip-event.ts'
import { evolveSubmission, noSubmission } from '../../src/commands/submission-state.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import {
  allTrees,
  by,
  closed,
  excluded,
  half,
  reinstated,
  reopened,
  revised,
  submitted,
  times,
  withdrawn,
} from './city-parks.ts'
import { deciderSpecification } from './decider-specification.ts'

const ofSubmission = { evolve: evolveSubmission, initial: noSubmission }

describe('exclude a submission', () => {
  const given = deciderSpecification({ decide: decideExcludeSubmission, ...ofSubmission })
  const exclude = { reason: 'duplicate', by, occurredAt: times[1] } as const

  test('given it counts, then it is set aside with its allocation, and signed', () => {
    const state = given(submitted()).when(exclude).thenEvents(excluded(half))
    expect(state).toMatchObject({ status: 'excluded', allocation: half })
  })

  test('given it was revised, then what it was revised to is set aside', () => {
    given(submitted(), revised(half, allTrees)).when(exclude).thenEvents(excluded(allTrees))
  })

  test('given it was reinstated, then it is set aside again', () => {
    given(submitted(), excluded(), reinstated()).when(exclude).thenEvents(excluded())
  })

  test('given it is set aside, then nothing happens, for whatever reason', () => {
    given(submitted(), excluded()).when(exclude).thenNothingHappens()
    given(submitted(), excluded())
      .when({ ...exclude, reason: 'test', by: 'berta' })
      .thenNothingHappens()
  })

  test('given it was withdrawn, then it is refused', () => {
    given(submitted(), withdrawn()).when(exclude).thenRejected({ code: 'SUBMISSION_WITHDRAWN' })
  })

  test('given there is none, then it is refused', () => {
    given().when(exclude).thenRejected({ code: 'SUBMISSION_NOT_FOUND' })
  })
})

describe('reinstate a submission', () => {
  const given = deciderSpecification({ decide: decideReinstateSubmission, ...ofSubmission })
  const reinstate = { by, occurredAt: times[2] }

  test('given it is set aside, then it counts again as it did', () => {
    const state = given(submitted(), revised(half, allTrees), excluded(allTrees))
      .when(reinstate)
      .thenEvents(reinstated(allTrees))
    expect(state).toMatchObject({ status: 'counted', allocation: allTrees })
  })

  test('given it counts, then nothing happens', () => {
    given(submitted()).when(reinstate).thenNothingHappens()
    given(submitted(), excluded(), reinstated()).when(reinstate).thenNothingHappens()
  })

  test('given it was withdrawn, or is not there, then it is refused', () => {
    given(submitted(), withdrawn()).when(reinstate).thenRejected({ code: 'SUBMISSION_WITHDRAWN' })
    given().when(reinstate).thenRejected({ code: 'SUBMISSION_NOT_FOUND' })
  })
})

const recorded = ({ type, data }: Pick<RecordedEvent, 'type' | 'data'>, position = 7n): RecordedEvent => ({
  ...{ type, data, position, stream: 'submission-1', revision: 1, id: '', metadata: {} },
  schemaVersion: type.startsWith('Poll') ? 2 : 1,
  recordedAt: times[0],
})

const ofParked = { evolve: evolveParkedEvent, initial: 'none' as ParkedEventActs }
const about = { position: '7', poll: 'city-parks', by, occurredAt: times[2] }
const skipped = { type: 'EventSkipped', data: { ...about, reason: 'damaged' } } as const
const parked = recorded(withdrawn())
const { stream, type, schemaVersion } = parked
const event = { stream, type, schemaVersion, data: withdrawn().data }
const retried = { type: 'EventRetried', data: { ...about, event } } as const

describe('retry a parked event', () => {
  const given = deciderSpecification({ decide: decideRetryEvent, ...ofParked })
  const retry = { parked, later: [], by, occurredAt: times[2] }

  test('given it can be read, then the act carries it', () => {
    expect(given().when(retry).thenEvents(retried)).toBe('retried')
  })

  test('given it was retried before, then it is tried again', () => {
    given(retried).when(retry).thenEvents(retried)
  })

  test('given it cannot be read, or has what no event may have, then the act carries nothing of it', () => {
    for (const data of [{ poll: 'city-parks' }, { ...withdrawn().data, email: 'anna@example.org' }])
      given()
        .when({ ...retry, parked: recorded({ type: 'AllocationWithdrawn', data }) })
        .thenEvents({ type: 'EventRetried', data: about })
  })

  test('given not even its poll can be read, then the act is about none', () => {
    for (const data of [null, 'text', { poll: 'Not A Slug' }, { poll: 7 }]) {
      const { poll: _, ...noPoll } = about
      given()
        .when({ ...retry, parked: recorded({ type: 'PollClosed', data }) })
        .thenEvents({ type: 'EventRetried', data: noPoll })
    }
  })

  test('given the poll has been turned since, then closing it late would be wrong', () => {
    const late = { ...retry, parked: recorded(closed), later: [recorded(reopened, 8n)] }
    const event = { stream, type: 'PollClosed', schemaVersion: 2, data: closed.data }
    given()
      .when(late)
      .thenEvents({ type: 'EventRetried', data: { ...about, event, overtaken: true } })
    given()
      .when({ ...late, later: [recorded({ type: 'PollReopened', data: {} }, 8n)] })
      .thenEvents({ type: 'EventRetried', data: { ...about, event } })
  })

  test('given it was left out for good, then it is refused', () => {
    given(skipped).when(retry).thenRejected({ code: 'PARKED_EVENT_NOT_FOUND' })
  })
})

describe('skip a parked event', () => {
  const given = deciderSpecification({ decide: decideSkipEvent, ...ofParked })
  const skip = { parked, reason: 'damaged', by, occurredAt: times[2] } as const

  test('given nothing has been done about it, or it was retried, then it is left out', () => {
    expect(given().when(skip).thenEvents(skipped)).toBe('skipped')
    given(retried).when(skip).thenEvents(skipped)
  })

  test('given it was left out, then it is refused', () => {
    given(skipped).when(skip).thenRejected({ code: 'PARKED_EVENT_NOT_FOUND' })
    given(skipped, retried).when(skip).thenRejected({ code: 'PARKED_EVENT_NOT_FOUND' })
  })
})
