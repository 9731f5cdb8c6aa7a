import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadBackup } from '../../src/backup/bad-backup.ts'
import { readLine, writeLine } from '../../src/backup/event-line.ts'
import type { ExactEvent } from '../../src/events/log-copy.ts'

const json = fc.json().map((text) => JSON.stringify({ value: JSON.parse(text) }))
const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))

const events: fc.Arbitrary<ExactEvent> = fc.record({
  position: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  stream: fc.string({ unit: 'grapheme' }),
  revision: fc.nat(),
  id: fc.uuid(),
  type: fc.string({ unit: 'grapheme' }),
  schemaVersion: fc.nat({ max: 32_767 }),
  data: json,
  metadata: fc.option(metadata.map((object) => JSON.stringify(object))),
  // From 1970 to 9999.
  recordedAt: fc.bigInt({ min: 0n, max: 253_370_764_800_000_000n }),
})

describe('a line of a backup', () => {
  test('given any event, when it is written and read, then it is the same to the letter', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(readLine(writeLine(event))).toEqual(event)
      }),
    )
  })

  test('given any event, when its line is read by any program, then it is one line of JSON', () => {
    fc.assert(
      fc.property(events, (event) => {
        const line = writeLine(event)
        expect(line).not.toContain('\n')
        expect(JSON.parse(line)).toMatchObject({
          position: `${event.position}`,
          stream: event.stream,
          data: JSON.parse(event.data),
          metadata: event.metadata === null ? null : JSON.parse(event.metadata),
        })
      }),
    )
  })

  test.each(['', '{}', '{"position":"1"}', '{"position":"x","stream":"s"}'])(
    'given %j, then it is refused',
    (line) => {
      expect(() => readLine(line)).toThrow(BadBackup)
    },
  )
})
