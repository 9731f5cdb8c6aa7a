import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { reviseAllocation } from '../../src/commands/revise-allocation.ts'
import { submissionIdFor } from '../../src/commands/submit-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import { EventLogUnavailable } from '../../src/events/event-log.ts'
import { submissionStream } from '../../src/events/submission-events.ts'
import { allTrees, cityParks, half, third } from './city-parks.ts'
import { openWriteSide, story, submitTo, type WriteSide } from './write-side.ts'

const key = 'sent by one button'
const stream = submissionStream(submissionIdFor('city-parks', key))
let side: WriteSide

beforeEach(async () => {
  side = await openWriteSide()
})
afterEach(() => side.close())

const types = async () => (await side.events()).map(({ type }) => type)

describe('a submission sent twice with one key', () => {
  test('then there is one event, and the same answer with the same receipt', async () => {
    const first = await submitTo(side, { key })
    const second = await submitTo(side, { key })
    expect(first).toMatchObject({
      submission: submissionIdFor('city-parks', key),
      position: 2n,
      repeated: false,
    })
    expect(second).toEqual({ ...first, repeated: true })
    expect(await types()).toEqual(['PollOpened', 'AllocationSubmitted'])
  })

  test('given another process gets the second one, then it knows it too', async () => {
    const first = await submitTo(side, { key })
    expect(await submitTo(side.another(), { key })).toEqual({ ...first, repeated: true })
  })

  test('given it is said in other words, then it is the same', async () => {
    const first = await submitTo(side, { key, allocation: half })
    const allocation = { ponds: -0, paths: 5000, trees: 5000 }
    expect(await submitTo(side, { key, allocation })).toEqual({ ...first, repeated: true })
    expect(await submitTo(side, { key, allocation: { paths: 5000, trees: 5000 } })).toMatchObject({
      repeated: true,
    })
  })

  test('given the second says something else, then it is refused and the first stands', async () => {
    const { submission } = await submitTo(side, { key })
    await expect(submitTo(side, { key, allocation: third })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail: expect.stringContaining(submission),
    })
    expect(await story(side.log, stream)).toMatchObject([{ data: { allocation: half } }])
  })

  test('given fifty at once from two processes, then one is the first and all get its answer', async () => {
    const other = side.another()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => submitTo(i % 2 ? side : other, { key })),
    )
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1)
    for (const answer of answers) expect(answer).toEqual({ ...answers[0]!, repeated: answer.repeated })
    expect(await types()).toEqual(['PollOpened', 'AllocationSubmitted'])
  })

  test('given fifty at once with two different allocations, then one of them wins and the other is refused', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => submitTo(side, { key, allocation: i % 2 ? half : allTrees })),
    )
    const taken = answers.filter(({ status }) => status === 'fulfilled')
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect([taken.length, refused.length]).toEqual([25, 25])
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(await types()).toEqual(['PollOpened', 'AllocationSubmitted'])
  })

  test('given it was revised between, then the first answer still comes, and nothing is undone', async () => {
    const first = await submitTo(side, { key })
    await reviseAllocation(side, { ...first, allocation: third })
    expect(await submitTo(side, { key })).toEqual({ ...first, repeated: true })
    await expect(submitTo(side, { key, allocation: third })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect((await story(side.log, stream)).map(({ type }) => type)).toEqual([
      'AllocationSubmitted',
      'AllocationRevised',
    ])
  })

  test('given it was withdrawn between, then it is not cast again', async () => {
    const first = await submitTo(side, { key })
    await withdrawAllocation(side, first)
    expect(await submitTo(side, { key })).toEqual({ ...first, repeated: true })
    expect(await types()).toEqual(['PollOpened', 'AllocationSubmitted', 'AllocationWithdrawn'])
  })

  test('given the poll was closed between, then the first answer still comes', async () => {
    const first = await submitTo(side, { key })
    await closePoll(side, 'city-parks', 'anna')
    side.polls.forget('city-parks')
    expect(await submitTo(side, { key })).toEqual({ ...first, repeated: true })
    for (const request of [{ key, allocation: third }, { key, allocation: 'nonsense' }, { key: 'new' }, {}])
      await expect(submitTo(side, request)).rejects.toMatchObject({ code: 'POLL_CLOSED' })
  })

  test('given the log failed after the first had been written, then the second finds it', async () => {
    const forgetful = Object.create(side.log, {
      append: {
        value: async (...args: Parameters<typeof side.log.append>) => {
          await side.log.append(...args)
          throw new EventLogUnavailable('no answer')
        },
      },
      readStream: { value: side.log.readStream.bind(side.log) },
    })
    await expect(submitTo({ ...side, log: forgetful }, { key })).rejects.toMatchObject({
      code: 'EVENT_LOG_UNAVAILABLE',
      retryAfter: 5,
    })
    expect(await submitTo(side, { key })).toMatchObject({ repeated: true, position: 2n })
  })
})

test('given no key, then every submission is another one', async () => {
  const [first, second] = [await submitTo(side), await submitTo(side)]
  expect(first.submission).not.toBe(second.submission)
  expect(first.receipt).not.toBe(second.receipt)
  expect(await types()).toEqual(['PollOpened', 'AllocationSubmitted', 'AllocationSubmitted'])
})

test('given one key in two polls, then these are two submissions with two receipts', async () => {
  await openPoll(side, { ...cityParks, poll: 'town-parks' })
  const [here, there] = [await submitTo(side, { key }), await submitTo(side, { key, poll: 'town-parks' })]
  expect(there.submission).not.toBe(here.submission)
  expect(there.receipt).not.toBe(here.receipt)
})

describe('to revise and to withdraw twice', () => {
  test('then there is one event, and the position is that of the event', async () => {
    const mine = await submitTo(side, { key })
    const first = await reviseAllocation(side, { ...mine, allocation: third })
    expect(await reviseAllocation(side, { ...mine, allocation: third })).toEqual({ ...first, changed: false })
    const gone = await withdrawAllocation(side, mine)
    expect(await withdrawAllocation(side, mine)).toEqual({ ...gone, changed: false })
    expect([first.position, gone.position]).toEqual([3n, 4n])
    expect(gone.state).toMatchObject({ status: 'withdrawn', allocation: third })
    expect(await types()).toEqual([
      'PollOpened',
      'AllocationSubmitted',
      'AllocationRevised',
      'AllocationWithdrawn',
    ])
  })
})

test('given a poll is opened by five processes at once, then it is opened once', async () => {
  const definition = { ...cityParks, poll: 'new-parks' }
  const opened = await Promise.all(Array.from({ length: 5 }, () => openPoll(side.another(), definition)))
  expect(opened.map(({ position }) => position)).toEqual([2n, 2n, 2n, 2n, 2n])
  expect(await types()).toEqual(['PollOpened', 'PollOpened'])
})
