import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decode, eventHistories } from '../../src/events/domain-events.ts'

interface StoredExample {
  /** As it stands in the log. It is never edited: a change of an event is a new version with an example of its own. */
  readonly stored: { readonly type: string; readonly schemaVersion: number; readonly data: unknown }
  /** What today's code makes of it. */
  readonly decoded: unknown
}

const folder = join(import.meta.dirname, 'stored')
const examples = readdirSync(folder).map(
  (file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as StoredExample] as const,
)

describe('every event ever written', () => {
  test('has an example of each of its versions, and no example is left over', () => {
    const versions = Object.entries(eventHistories).flatMap(([type, { schemas }]) =>
      schemas.map((_, index) => `${type}.v${index + 1}.json`),
    )
    expect(examples.map(([file]) => file).sort()).toEqual(versions.sort())
  })

  test('leads from each of its versions to the next', () => {
    for (const [type, { schemas, upcasters }] of Object.entries(eventHistories))
      expect(upcasters, type).toHaveLength(schemas.length - 1)
  })

  test.each(examples)(
    '%s: given it is stored, when decoded today, then it is what it was',
    (file, example) => {
      const { stored, decoded } = example
      expect(file).toBe(`${stored.type}.v${stored.schemaVersion}.json`)
      const asWritten = JSON.stringify(stored)
      const today = decode(stored)
      expect(today).toStrictEqual(decoded)
      expect(JSON.stringify(today)).toBe(JSON.stringify(decoded))
      expect(JSON.stringify(stored)).toBe(asWritten)
    },
  )
})
