/** What a range alone cannot know: an event in it takes back what was never counted, and has to be parked. */
import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { NO_STREAM } from '../../../src/events/event-log.ts'
import { pollStream } from '../../../src/events/poll-events.ts'
import { submissionStream } from '../../../src/events/submission-events.ts'
import { type Append, testPoll } from '../../support/history.ts'
import { execute } from '../../support/stored-periods.ts'
import { openWorkshop, rowsOf } from './workshop.ts'

const occurredAt = '2026-01-01T00:00:00.000Z'

const append = (stream: string, expectedRevision: number, type: string, data: object): Append => ({
  stream,
  expectedRevision,
  events: [{ id: randomUUID(), type, schemaVersion: 1, data: { occurredAt, ...data } }],
})

const submitted = (shares: readonly [number, number, number]): Append => {
  const [a, b, c] = shares
  const allocation = { a, b, c }
  const data = { poll: 'one', allocation, via: 'api', receiptHash: '0'.repeat(64) }
  return append(submissionStream(randomUUID()), NO_STREAM, 'AllocationSubmitted', data)
}

const takesBack = (type: string, replaces: object): Append =>
  append(submissionStream(randomUUID()), NO_STREAM, type, {
    poll: 'one',
    submittedAt: occurredAt,
    replaces,
    reason: 'x',
  })

it.each([1, 3])(
  'given such events in ranges of %d, then they are parked as the live version has parked them',
  { timeout: 30_000 },
  async (rangeEvents) => {
    const shop = await openWorkshop()
    onTestFinished(() => shop.close())
    await shop.write([
      append(pollStream('one'), NO_STREAM, 'PollOpened', testPoll('one')),
      submitted([5000, 5000, 0]),
      submitted([4000, 4000, 2000]),
      takesBack('AllocationWithdrawn', { a: 10_000, b: 0, c: 0 }),
      submitted([10_000, 0, 0]),
      takesBack('SubmissionExcluded', { a: 9000, b: 1000, c: 0 }),
      append(submissionStream(randomUUID()), NO_STREAM, 'SubmissionReinstated', {
        ...{ poll: 'one', submittedAt: occurredAt },
        allocation: { a: 10_000, b: 0, c: 0 },
      }),
      submitted([0, 0, 10_000]),
    ])
    await shop.project()
    expect(await execute(shop.url, 'select position::int from parked_events order by 1')).toEqual([
      { position: 4 },
      { position: 6 },
      { position: 7 },
    ])
    for (const name of ['category-aggregate', 'submissions'] as const) {
      await shop.operations.rebuild(name, { by: 'test', promote: false })
      shop.build(name, { rangeEvents })
      await shop.comes(name, 'ready')
      expect(await rowsOf(shop.url, name, 2)).toEqual(await rowsOf(shop.url, name, 1))
    }
  },
)
