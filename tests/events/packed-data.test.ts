import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packData } from '../../src/events/postgres/archive/packed-data.ts'
import { UnpackedData } from '../../src/events/postgres/archive/unpacked-data.ts'

const row = (data: unknown, type = 'Tested', schemaVersion = 1) => ({
  type,
  schemaVersion,
  data: JSON.stringify(data),
})
const unpack = (rows: ReturnType<typeof row>[]) => new UnpackedData(packData(rows), rows.length)

/** Objects of a few shapes, whose values are whole numbers, texts of one length, words, and now and then anything. */
const regular = fc.oneof(
  fc.record({
    poll: fc.constantFrom('a', 'b'),
    shares: fc.record({ x: fc.nat(10_000), y: fc.integer() }),
    '1': fc.nat(),
  }),
  fc.record({ hash: fc.string({ unit: fc.constantFrom('a', 'é', 'ÿ'), minLength: 8, maxLength: 8 }) }),
  fc.record({ text: fc.string({ unit: 'binary' }) }),
  fc.dictionary(fc.string(), fc.jsonValue()),
  fc.jsonValue(),
)

describe('packed data', () => {
  test('given any data, then each is given back or left to its text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(regular, fc.constantFrom('One', 'Two'), fc.nat(3)), {
          minLength: 1,
          maxLength: 60,
        }),
        (all) => {
          const rows = all.map(([data, type, version]) => row(data, type, version))
          const unpacked = unpack(rows)
          for (const [index, { type, schemaVersion, data }] of rows.entries()) {
            const given = unpacked.data(index)
            if (given !== undefined) expect(given).toStrictEqual(JSON.parse(data))
            expect([unpacked.type(index), unpacked.schemaVersion(index)]).toEqual([type, schemaVersion])
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('given what is regular, then it is packed, however many words there are', () => {
    const hash = (n: number) => n.toString(16).padStart(64, '0')
    const data = (n: number) => ({
      poll: 'p',
      shares: { a: n, b: -n - 1, 'long-name': 10_000 },
      hash: hash(n),
      via: `v${n % 3}`,
    })
    const rows = Array.from({ length: 1000 }, (_, n) => row(data(n)))
    const unpacked = unpack(rows)
    expect(rows.map((_, n) => unpacked.data(n))).toEqual(rows.map((_, n) => data(n)))
  })

  test.each([
    ['a list', { a: [1] }],
    ['a fraction', { a: 0.5 }],
    ['a large number', { a: 2 ** 31 }],
    ['nothing', { a: null }],
    ['a name that objects have already', JSON.parse('{"__proto__": {"a": 1}}')],
    ['no object', 5],
  ])('given %s, then it is left to the text', (_, data) => {
    expect(unpack([row(data)]).data(0)).toBeUndefined()
  })

  test('given texts of all kinds behind one key, then the whole shape is left to the text', () => {
    const rows = Array.from({ length: 300 }, (_, n) => row({ text: 'x'.repeat(n) }))
    expect(unpack(rows).data(0)).toBeUndefined()
  })

  test('given another version, then it is refused', () => {
    const packed = packData([row({ a: 1 })])
    packed.writeUInt32LE(2, 0)
    expect(() => new UnpackedData(packed, 1)).toThrow('packed data of version 2')
  })
})
