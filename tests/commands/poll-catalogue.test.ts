import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { PollCatalogue } from '../../src/commands/poll-catalogue.ts'
import { reopenPoll } from '../../src/commands/reopen-poll.ts'
import { reviseAllocation } from '../../src/commands/revise-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import { EventLogUnavailable } from '../../src/events/event-log.ts'
import { cityParks, third } from './city-parks.ts'
import { openWriteSide, submitTo, type WriteSide } from './write-side.ts'

let now = 0
let side: WriteSide

beforeEach(async () => {
  now = 0
  side = await openWriteSide(() => now)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await side.close()
})

describe('a poll that another process closes', () => {
  test('is obeyed within a second, and so is its reopening', async () => {
    const mine = await submitTo(side)
    await closePoll(side.another(), 'city-parks', 'anna')
    now = 1000
    for (const attempt of [
      () => submitTo(side),
      () => reviseAllocation(side, { ...mine, allocation: third }),
      () => withdrawAllocation(side, mine),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'POLL_CLOSED' })
    await reopenPoll(side.another(), 'city-parks', 'anna')
    now = 2000
    await submitTo(side)
    expect((await side.events()).map(({ type }) => type)).toEqual([
      'PollOpened',
      'AllocationSubmitted',
      'PollClosed',
      'PollReopened',
      'AllocationSubmitted',
    ])
  })

  test('is obeyed at once after it is forgotten', async () => {
    await submitTo(side)
    await closePoll(side, 'city-parks', 'anna')
    side.polls.forget('city-parks')
    await expect(submitTo(side)).rejects.toMatchObject({ code: 'POLL_CLOSED' })
  })
})

describe('the memory of polls', () => {
  test('reads a poll once a second, however many ask', async () => {
    const reads = vi.spyOn(side.log, 'readStream')
    side.polls.forget('city-parks')
    await Promise.all(Array.from({ length: 20 }, () => side.polls.get('city-parks')))
    now = 999
    await side.polls.get('city-parks')
    expect(reads).toHaveBeenCalledTimes(1)
    now = 1000
    await side.polls.get('city-parks')
    expect(reads).toHaveBeenCalledTimes(2)
  })

  test('does not remember that there was no such poll', async () => {
    const refused = { code: 'POLL_NOT_FOUND', detail: 'There is no poll called new-parks.' }
    await expect(side.polls.get('new-parks')).rejects.toMatchObject(refused)
    await openPoll(side, { ...cityParks, poll: 'new-parks' })
    expect(await side.polls.get('new-parks')).toMatchObject({ status: 'open' })
  })

  test('does not even look for what cannot be a poll’s name', async () => {
    const reads = vi.spyOn(side.log, 'readStream')
    for (const name of [
      '',
      'City-Parks',
      'city parks',
      "'; drop table events; --",
      'a'.repeat(65),
      '../etc',
      'a\nb',
    ])
      await expect(side.polls.get(name)).rejects.toMatchObject({ code: 'POLL_NOT_FOUND' })
    expect(reads).not.toHaveBeenCalled()
  })

  test('does not remember a failure', async () => {
    const polls = new PollCatalogue(side.log)
    vi.spyOn(side.log, 'readStream').mockRejectedValueOnce(new EventLogUnavailable('gone'))
    await expect(polls.get('city-parks')).rejects.toMatchObject({ code: 'EVENT_LOG_UNAVAILABLE' })
    expect(await polls.get('city-parks')).toMatchObject({ status: 'open', definition: cityParks })
  })
})
