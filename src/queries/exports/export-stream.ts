import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { RowCount } from './counted-rows.ts'

/** What a whole export was. */
export interface Exported {
  readonly rows: number
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

/** Nobody has taken anything for too long. */
class ReaderStalled extends Error {
  override readonly name = 'ReaderStalled'
}

export interface ExportStream {
  /** The file's bytes; read it to its end or destroy it. It fails rather than ends early. */
  readonly body: Readable
  /** Rows so far. */
  readonly rows: () => number
  /** What it was, once `body` has ended. */
  readonly exported: () => Exported
}

/**
 * Makes the chunks of a file a stream: as fast as they are taken, and hashed on the way.
 * @param stallMs after so long without anything being taken the stream is destroyed
 */
export function exportStream(chunks: AsyncIterable<Buffer>, count: RowCount, stallMs: number): ExportStream {
  const hash = createHash('sha256')
  let bytes = 0
  let sha256: string | undefined
  const taken = async function* () {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      const stalled = setTimeout(() => body.destroy(tooSlow(stallMs)), stallMs)
      try {
        yield chunk
      } finally {
        clearTimeout(stalled)
      }
    }
    sha256 = hash.digest('hex')
  }
  const body = Readable.from(taken(), { objectMode: false, highWaterMark: 128 * 1024 })
  const exported = () => {
    if (sha256 === undefined) throw new Error('the export has not ended')
    return { rows: count.rows, bytes, sha256 }
  }
  return { body, rows: () => count.rows, exported }
}

const tooSlow = (ms: number): Error => new ReaderStalled(`nothing was taken for ${ms} ms`)
