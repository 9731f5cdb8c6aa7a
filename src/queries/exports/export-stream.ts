import { Readable } from 'node:stream'
import type { FileInMaking } from './files.ts'

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
 * Makes the chunks of a file a stream: as fast as they are taken.
 * @param stallMs after so long without anything being taken the stream is destroyed
 */
export function exportStream({ chunks, rows, sha256 }: FileInMaking, stallMs: number): ExportStream {
  let bytes = 0
  const taken = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.length
      const stalled = setTimeout(() => body.destroy(tooSlow(stallMs)), stallMs)
      try {
        yield chunk
      } finally {
        clearTimeout(stalled)
      }
    }
  }
  const body = Readable.from(taken(), { objectMode: false, highWaterMark: 128 * 1024 })
  const exported = () => {
    const digest = sha256()
    if (digest === undefined) throw new Error('the export has not ended')
    return { rows: rows(), bytes, sha256: digest }
  }
  return { body, rows, exported }
}

const tooSlow = (ms: number): Error => new ReaderStalled(`nothing was taken for ${ms} ms`)
