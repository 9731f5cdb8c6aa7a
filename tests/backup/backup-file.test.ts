import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadBackup } from '../../src/backup/bad-backup.ts'
import { type WrittenBackup, writeBackup } from '../../src/backup/write-backup.ts'
import { readWhole, someEvents, temporaryFolder, writeSome } from './file.ts'

const events = someEvents(3000, 300)
let place: Awaited<ReturnType<typeof temporaryFolder>>
let path: string
let written: WrittenBackup
let bytes: Buffer

beforeAll(async () => {
  place = await temporaryFolder()
  path = join(place.folder, 'whole')
  written = await writeSome(path, events)
  bytes = await readFile(path)
})
afterAll(() => place.remove())

/** `taxbudget-backup manifest OFFSET BYTES SHA256` */
const trailer = () => bytes.toString('latin1', bytes.length - 128).split(' ')

const damaged = async (change: (copy: Buffer) => Buffer): Promise<unknown> => {
  const file = join(place.folder, 'damaged')
  await writeFile(file, change(Buffer.from(bytes)))
  return await readWhole(file)
}

describe('a backup file', () => {
  test('given events, when written and read, then they are the same, in several frames', async () => {
    expect(await readWhole(path)).toEqual(events)
    expect(written.manifest.parts.length).toBeGreaterThan(3)
    expect(written.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(written.bytes).toBe(bytes.length)
  })

  test('given a file, when its frames are decompressed, then they are lines of JSON: header, events, manifest', async () => {
    // One after the other, as zstdcat does: Node gives the first one alone.
    const starts = [...written.manifest.parts.map(([, offset]) => offset), Number(trailer()[2])]
    const text = starts.map((start) => zstdDecompressSync(bytes.subarray(start)).toString()).join('')
    const lines = text.trimEnd().split('\n')
    expect(JSON.parse(lines[0]!)).toEqual({ format: 'taxbudget-backup', version: 1 })
    expect(lines.slice(1, -1).map((line) => JSON.parse(line).id)).toEqual(events.map(({ id }) => id))
    expect(JSON.parse(lines.at(-1)!)).toEqual(written.manifest)
  })

  test('given no events at all, then it is a backup all the same', async () => {
    const empty = join(place.folder, 'empty')
    await writeSome(empty, [])
    expect(await readWhole(empty)).toEqual([])
  })

  test('given any byte flipped, then it is refused with the file named, whichever it is', async () => {
    // Each end has its own kind of bytes: they are looked at more closely than the middle.
    const near = fc.nat({ max: 400 })
    const offsets = fc.oneof(
      fc.nat({ max: bytes.length - 1 }),
      near,
      near.map((n) => bytes.length - 1 - n),
    )
    await fc.assert(
      fc.asyncProperty(offsets, fc.integer({ min: 1, max: 255 }), async (offset, bits) => {
        const reading = damaged((copy) => {
          copy[offset] = copy[offset]! ^ bits
          return copy
        })
        await expect(reading).rejects.toThrow(BadBackup)
        await expect(reading).rejects.toThrow(`${join(place.folder, 'damaged')} cannot be used: it `)
      }),
      { numRuns: 60 },
    )
  })

  test('given events that are damaged, then it says between which bytes', async () => {
    const [, offset, length] = written.manifest.parts[2]!
    await expect(damaged((copy) => copy.fill(0, offset + 10, offset + 20))).rejects.toThrow(
      `it is damaged between the bytes ${offset} and ${offset + length} (events)`,
    )
  })

  test('given any part cut off, or added, then it is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), async (length) => {
        await expect(damaged((copy) => copy.subarray(0, length))).rejects.toThrow(BadBackup)
      }),
      { numRuns: 30 },
    )
    await expect(damaged((copy) => Buffer.concat([copy, Buffer.from('x')]))).rejects.toThrow(BadBackup)
    await expect(damaged((copy) => Buffer.concat([copy.subarray(0, 9), copy]))).rejects.toThrow(BadBackup)
    await expect(damaged(() => Buffer.from('something else'))).rejects.toThrow(BadBackup)
  })

  test('given events that fail half-way, then nothing is left', async () => {
    const failing = async function* () {
      yield { month: '2026-01', events }
      throw new Error('the log is away')
    }
    const before = await readdir(place.folder)
    const about = () => {
      throw new Error('it never comes so far')
    }
    await expect(writeBackup(join(place.folder, 'failed'), failing(), about)).rejects.toThrow(
      'the log is away',
    )
    expect(await readdir(place.folder)).toEqual(before)
  })
})
