import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DomainEvent,
  decode,
  schemaVersionOf,
  UndecodableEvent,
} from '../../src/events/domain-events.ts'
import { anyEvent } from './arbitrary-events.ts'

const stored = ({ type, data }: DomainEvent) => ({ type, schemaVersion: schemaVersionOf(type), data })

/** Every object inside `value`, itself included, with a way to put a field into it. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const inner of Object.values(value)) yield* objectsIn(inner)
}

describe('any event', () => {
  test('given it went through JSON, when decoded, then it is the same', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const fromLog = JSON.parse(JSON.stringify(stored(event)))
        expect(decode(fromLog)).toStrictEqual(JSON.parse(JSON.stringify(event)))
        expect(decode(fromLog)).toEqual(event)
      }),
    )
  })

  test.each(['ip', 'userAgent', 'email', 'comment'])(
    'given %s anywhere in it, when decoded, then it is refused: personal data has no place in an event',
    (field) => {
      fc.assert(
        fc.property(anyEvent, (event) => {
          const copy = JSON.parse(JSON.stringify(stored(event)))
          for (const place of objectsIn(copy.data)) {
            place[field] = '203.0.113.7'
            expect(() => decode(copy)).toThrow(UndecodableEvent)
            delete place[field]
          }
          expect(decode(copy)).toEqual(event)
        }),
        { numRuns: 30 },
      )
    },
  )

  test('given a field is missing, when decoded, then it is refused', () => {
    const optional = new Set(['currency', 'event', 'overtaken', 'shown'])
    fc.assert(
      fc.property(anyEvent, (event) => {
        for (const field of Object.keys(event.data).filter((name) => !optional.has(name))) {
          const { [field]: _, ...rest } = event.data as unknown as Record<string, unknown>
          // An operator's act may be about an event of no poll.
          if (field === 'poll' && event.type.startsWith('Event')) continue
          expect(() => decode({ ...stored(event), data: rest }), field).toThrow(UndecodableEvent)
        }
      }),
    )
  })

  test.each([
    '2026-11-23',
    '2026-11-23T10:00:00Z',
    '2026-11-23T10:00:00.000+01:00',
    '2026-13-23T10:00:00.000Z',
  ])(
    'given the time %s, when decoded, then it is refused: times are UTC with milliseconds, so that they sort as text',
    (occurredAt) => {
      const closed = { type: 'PollClosed' as const, data: { poll: 'parks', by: 'anna', occurredAt } }
      expect(() => decode(stored(closed))).toThrow('occurredAt')
    },
  )
})
