import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { closePoll } from '../../src/commands/close-poll.ts'
import { loadSubmission } from '../../src/commands/load-submission.ts'
import { hashReceipt, isReceipt, receiptFor } from '../../src/commands/receipt.ts'
import { reopenPoll } from '../../src/commands/reopen-poll.ts'
import { reviseAllocation } from '../../src/commands/revise-allocation.ts'
import type { SubmissionReceipt } from '../../src/commands/submit-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import { type EventType, eventHistories } from '../../src/events/domain-events.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { third } from './city-parks.ts'
import { openWriteSide, submitTo, type WriteSide } from './write-side.ts'

describe('what every command leaves in the log', () => {
  const key = 'the.key.of.a.form@example.org'
  let side: WriteSide
  let mine: SubmissionReceipt
  let events: RecordedEvent[]

  beforeAll(async () => {
    side = await openWriteSide()
    const nosy = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0', comment: 'hello' }
    mine = await submitTo(side, { key, ...nosy })
    const owner = { ...mine, ...nosy, receipt: mine.receipt }
    await reviseAllocation(side, { ...owner, allocation: third })
    await withdrawAllocation(side, owner)
    await closePoll(side, 'city-parks', 'anna')
    await reopenPoll(side, 'city-parks', 'anna')
    events = await side.events()
  })
  afterAll(() => side.close())

  test('is the receipt’s hash, never the receipt, the key or the secret', async () => {
    const everything = events.map((event) =>
      JSON.stringify({ ...event, position: String(event.position), metadata: event.metadata }),
    )
    expect(everything).toHaveLength(6)
    for (const line of everything)
      for (const hidden of [mine.receipt, key, side.secret, '203.0.113.7', 'Mozilla', 'hello'])
        expect(line).not.toContain(hidden)
    expect(everything.filter((line) => line.includes(hashReceipt(mine.receipt)))).toHaveLength(1)
  })

  test('is exactly what the schemas name', () => {
    for (const { type, schemaVersion, data, metadata } of events) {
      const schema = eventHistories[type as EventType].schemas[schemaVersion - 1] as z.ZodObject
      const required = Object.entries(schema.shape).filter(([, field]) => !field.safeParse(undefined).success)
      expect(Object.keys(schema.shape), type).toEqual(expect.arrayContaining(Object.keys(data as object)))
      expect(Object.keys(data as object), type).toEqual(
        expect.arrayContaining(required.map(([name]) => name)),
      )
      expect(metadata).toEqual({})
    }
  })

  test('opens for the receipt alone', async () => {
    const { state } = await loadSubmission(side.log, mine.submission.toUpperCase())
    expect(isReceipt(mine.receipt, state.receiptHash)).toBe(true)
    expect(isReceipt(state.receiptHash, state.receiptHash)).toBe(false)
  })

  test.each(['', 'nonsense', '7a5f9c1e-0000-4000-8000-000000000000', "' or true --"])(
    'holds no submission %j',
    async (submission) => {
      const missing = expect.objectContaining({ code: 'SUBMISSION_NOT_FOUND' })
      await expect(loadSubmission(side.log, submission)).rejects.toEqual(missing)
      const { receipt } = mine
      await expect(withdrawAllocation(side, { submission, receipt })).rejects.toEqual(missing)
    },
  )
})

describe('a receipt', () => {
  const secret = 'the secret of this server, at least 32 long'

  test('follows from poll and key, and from the secret', () => {
    const receipt = receiptFor(secret, 'city-parks', 'key')
    expect(receipt).toMatch(/^[\w-]{32}$/)
    expect(receiptFor(secret, 'city-parks', 'key')).toBe(receipt)
    const others = [
      receiptFor(`${secret}!`, 'city-parks', 'key'),
      receiptFor(secret, 'town-parks', 'key'),
      receiptFor(secret, 'city-parks', 'other'),
    ]
    expect(new Set([receipt, ...others]).size).toBe(4)
  })

  test('is not that of a poll and a key that run together to the same', () => {
    expect(receiptFor(secret, 'city', 'parks')).not.toBe(receiptFor(secret, 'cityparks', ''))
  })
})
