import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  decodeWith,
  type EventHistory,
  UndecodableEvent,
  UnknownEvent,
} from '../../src/events/domain-events.ts'

/** An event that has changed twice: a name became two, then a greeting was added. */
const histories: Readonly<Record<string, EventHistory>> = {
  Greeted: {
    schemas: [
      z.strictObject({ name: z.string() }),
      z.strictObject({ first: z.string(), last: z.string() }),
      z.strictObject({ first: z.string(), last: z.string(), greeting: z.string() }),
    ],
    upcasters: [
      ({ name }: { name: string }) => ({ first: name.split(' ')[0], last: name.split(' ')[1] }),
      (older: { first: string; last: string }) => ({ ...older, greeting: 'hello' }),
    ],
  },
}

const decodeGreeted = (schemaVersion: number, data: unknown, type = 'Greeted') =>
  decodeWith(histories, { type, schemaVersion, data })

describe('an event with three versions', () => {
  const today = { type: 'Greeted', data: { first: 'Ada', last: 'Byron', greeting: 'hello' } }

  test.each([
    [1, { name: 'Ada Byron' }],
    [2, { first: 'Ada', last: 'Byron' }],
    [3, { first: 'Ada', last: 'Byron', greeting: 'hello' }],
  ])('given it is stored as version %i, when decoded, then it is as today and untouched', (version, data) => {
    const stored = Object.freeze({ ...data })
    expect(decodeGreeted(version, stored)).toStrictEqual(today)
    expect(stored).toStrictEqual(data)
  })

  test.each([
    ['a version from the future', 4, 'Greeted'],
    ['version 0', 0, 'Greeted'],
    ['a negative version', -1, 'Greeted'],
    ['half a version', 1.5, 'Greeted'],
    ['an unknown name', 1, 'Waved'],
    ['a name that every object has', 1, 'toString'],
    ['a dangerous name', 1, '__proto__'],
  ])('given %s, when decoded, then it is unknown', (_what, version, type) => {
    expect(() => decodeGreeted(version, { name: 'Ada Byron' }, type)).toThrow(UnknownEvent)
    expect(() => decodeGreeted(version, { name: 'Ada Byron' }, type)).toThrow(`${type} version ${version}`)
  })

  test.each([
    ['a missing field', 2, { first: 'Ada' }, 'last'],
    ['a wrong type', 1, { name: 7 }, 'name'],
    ['a field of another version', 1, { name: 'Ada Byron', greeting: 'hello' }, 'greeting'],
    ['nothing', 1, null, 'object'],
    ['a list', 1, [], 'object'],
  ])('given %s, when decoded, then the error says where', (_what, version, data, where) => {
    expect(() => decodeGreeted(version, data)).toThrow(UndecodableEvent)
    expect(() => decodeGreeted(version, data)).toThrow(where)
  })
})
