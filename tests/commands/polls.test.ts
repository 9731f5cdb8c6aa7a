import { describe, expect, test } from 'vitest'
import { decideClosePoll } from '../../src/commands/close-poll.ts'
import { decideOpenPoll } from '../../src/commands/open-poll.ts'
import { evolvePoll, noPoll } from '../../src/commands/poll-state.ts'
import { decideReopenPoll } from '../../src/commands/reopen-poll.ts'
import {
  allTrees,
  by,
  cityParks,
  closed,
  excluded,
  half,
  opened,
  reinstated,
  reopened,
  revised,
  submitted,
  times,
  withdrawn,
} from './city-parks.ts'
import { deciderSpecification } from './decider-specification.ts'

const fold = { evolve: evolvePoll, initial: noPoll }

describe('open a poll', () => {
  const given = deciderSpecification({ decide: decideOpenPoll, ...fold })
  const open = { definition: cityParks, occurredAt: times[0] }

  test('given no such poll, then it is opened', () => {
    expect(given().when(open).thenEvents(opened)).toEqual({ status: 'open', definition: cityParks })
  })

  test.each(['\u202e', '\u2066'])('given a text that is turned round by %j, then it is refused', (turner) => {
    const [first, ...others] = cityParks.categories
    const turned = { ...first!, label: `Parks${turner}skraP` }
    const definition = { ...cityParks, title: `City${turner}`, categories: [turned, ...others] }
    given()
      .when({ ...open, definition })
      .thenRejected({ code: 'INVALID_REQUEST' })
    const decision = decideOpenPoll({ ...open, definition }, noPoll)
    expect('rejection' in decision && decision.rejection.errors?.map(({ field }) => field)).toEqual([
      'title',
      'categories.0.label',
    ])
    // What was opened before there was this rule stays.
    given({ type: 'PollOpened', data: { ...definition, occurredAt: times[0] } })
      .when({ ...open, definition })
      .thenNothingHappens()
  })

  test('given the same poll, later, then nothing happens', () => {
    given(opened)
      .when({ ...open, occurredAt: times[3] })
      .thenNothingHappens()
  })

  test('given the same poll is closed, then it stays closed', () => {
    given(opened, closed).when(open).thenNothingHappens()
  })

  test.each([
    ['another title', { title: 'And now?' }],
    ['another step', { step: 500 }],
    ['fewer categories', { categories: cityParks.categories.slice(0, 2) }],
    ['the categories in another order', { categories: cityParks.categories.toReversed() }],
    ['a currency', { currency: 'EUR' }],
  ])('given a poll of that name with %s, then it is refused', (_what, change) => {
    given(opened)
      .when({ ...open, definition: { ...cityParks, ...change } })
      .thenRejected({ code: 'POLL_EXISTS', detail: expect.stringContaining('city-parks') })
  })
})

describe('close a poll', () => {
  const given = deciderSpecification({ decide: decideClosePoll, ...fold })
  const close = { poll: 'city-parks', by, occurredAt: times[1] }

  test('given it is open, then it is closed', () => {
    expect(given(opened).when(close).thenEvents(closed)).toEqual({ status: 'closed', definition: cityParks })
  })

  test('given it was reopened, then it is closed again', () => {
    given(opened, closed, reopened).when(close).thenEvents(closed)
  })

  test('given it is closed, then nothing happens', () => {
    given(opened, closed).when(close).thenNothingHappens()
  })

  test('given no such poll, then it is refused', () => {
    given()
      .when(close)
      .thenRejected({ code: 'POLL_NOT_FOUND', detail: expect.stringContaining('city-parks') })
  })
})

describe('reopen a poll', () => {
  const given = deciderSpecification({ decide: decideReopenPoll, ...fold })
  const reopen = { poll: 'city-parks', by, occurredAt: times[2] }

  test('given it is closed, then it is reopened', () => {
    expect(given(opened, closed).when(reopen).thenEvents(reopened)).toEqual({
      status: 'open',
      definition: cityParks,
    })
  })

  test('given it is open, then nothing happens', () => {
    given(opened).when(reopen).thenNothingHappens()
    given(opened, closed, reopened).when(reopen).thenNothingHappens()
  })

  test('given no such poll, then it is refused', () => {
    given().when(reopen).thenRejected({ code: 'POLL_NOT_FOUND' })
  })
})

describe('the state of a poll', () => {
  test('keeps the definition as it was opened, without the time', () => {
    expect(evolvePoll(noPoll, opened)).toStrictEqual({ status: 'open', definition: cityParks })
  })

  test.each([closed, reopened])('is nothing before it is opened ($type)', (event) => {
    expect(evolvePoll(noPoll, event)).toBe(noPoll)
  })

  test.each([submitted(), revised(half, allTrees), withdrawn(), excluded(), reinstated()])(
    'does not change by $type',
    (event) => {
      const state = evolvePoll(noPoll, opened)
      expect(evolvePoll(state, event)).toBe(state)
    },
  )
})
