import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { eventsOf, messagesOf } from '../../src/events/nats/batch-message.ts'
import { batch } from '../support/batches.ts'

const event = fc.record({
  stream: fc.string(),
  revision: fc.nat(),
  id: fc.uuid(),
  type: fc.string(),
  schemaVersion: fc.nat(),
  data: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  metadata: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
  recordedAt: fc.constant('2026-01-01T00:00:00.000Z'),
})

/** Events at rising positions. */
const events = fc
  .array(fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 9n }), event), { minLength: 1, maxLength: 20 })
  .map((steps) => {
    let position = 0n
    return steps.map(([step, rest]): RecordedEvent => {
      position += step
      return { position, ...rest }
    })
  })

describe('messages of a batch', () => {
  it('together hold its events, in order, each message within its limit and after the one before', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 100, max: 5000 }), (all, limit) => {
        const messages = messagesOf({ previous: 0n, events: all }, limit)
        const read = messages.flatMap(({ body }) => eventsOf(body))
        const tooLarge = all.filter((each) => !read.some(({ position }) => position === each.position))
        expect(read).toEqual(all.filter((each) => !tooLarge.includes(each)))
        for (const each of tooLarge) expect(messagesOf({ previous: 0n, events: [each] }, limit)).toEqual([])
        for (const { body, previous, last } of messages) {
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limit)
          const [first, end] = [eventsOf(body)[0]!, eventsOf(body).at(-1)!]
          expect(last).toBe(end.position)
          // Whoever stands at `previous` misses nothing between it and the first event.
          expect(all.filter(({ position }) => position > previous && position < first.position)).toEqual([])
        }
      }),
    )
  })

  it('are as few as fit', () => {
    expect(messagesOf(batch(1, 1000), 1_000_000)).toHaveLength(1)
    expect(messagesOf(batch(1, 1000), 100_000).length).toBeLessThan(4)
  })

  it('name the traces of a few events', () => {
    const traced = (n: number) => `00-${String(n).padStart(32, '1')}-00f067aa0ba902b7-01`
    const events = batch(1, 100).events.map((each, n) => ({ ...each, metadata: { traceparent: traced(n) } }))
    const [few] = messagesOf({ previous: 0n, events: events.slice(0, 2) }, 1_000_000)
    expect(few!.traceparents).toEqual([traced(0), traced(1)])
    expect(messagesOf({ previous: 0n, events }, 1_000_000)[0]!.traceparents).toHaveLength(8)
  })

  it.each(['', 'x', '{}', '[]', '[[]]', '[1]', '[["x"]]'])('that are damaged (%j) are refused', (body) => {
    expect(() => eventsOf(body)).toThrow()
  })
})
