import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Line, readLines } from '../../src/cli/import/lines.ts'

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

const lines = (text: string | Buffer, size = 3): Promise<Line[]> =>
  Array.fromAsync(readLines(inChunks(Buffer.from(text), size)))

test('given any text cut into any chunks, when read, then its lines come with numbers and byte places', async () => {
  const line = fc
    .string({ unit: 'binary' })
    .filter((text) => !/[\r\n\uFEFF]/.test(text) && text.isWellFormed())
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 9 }),
      async (texts, end, size) => {
        const content = texts.map((text) => text + end).join('')
        const read = await lines(content, size)
        expect(read.map(({ text }) => text)).toEqual(texts)
        expect(read.map(({ number }) => number)).toEqual(texts.map((_, index) => index + 1))
        expect(read.at(-1)?.end ?? 0).toBe(Buffer.byteLength(content))
      },
    ),
  )
})

test('given a last line without a line end, when read, then it counts', async () => {
  expect((await lines('a\nb')).map(({ text }) => text)).toEqual(['a', 'b'])
})

test('given bytes that are not UTF-8, when read, then only their line has a problem', async () => {
  const read = await lines(Buffer.from([0x61, 0x0a, 0xff, 0x0a, 0x62]))
  expect(read.map(({ text, problem }) => problem ?? text)).toEqual([
    'a',
    'is not UTF-8: save the file as UTF-8',
    'b',
  ])
})

test('given a line of two million bytes, when read, then it is a problem and the next line is not', async () => {
  const read = await lines(`${'x'.repeat(2_000_000)}\nb`, 65_536)
  expect(read.map(({ text, problem }) => problem ?? text)).toEqual(['is longer than 1000000 bytes', 'b'])
})
