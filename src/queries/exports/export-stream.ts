import { Readable } from 'node:stream'
import type { FileInMaking } from './files.ts'

/** What a whole export was. */
export interface Exported {
  readonly rows: number
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

/** So little has been taken for so long that others shall have the place. */
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

/** What a reader must take in which time: what we need to make it does not count. */
export interface LeastPace {
  readonly bytes: number
  /** Milliseconds. */
  readonly within: number
}

/**
 * Makes the chunks of a file a stream: as fast as they are taken.
 * @param pace a reader who is slower is cut off
 */
export function exportStream({ chunks, rows, sha256 }: FileInMaking, pace: LeastPace): ExportStream {
  let bytes = 0
  const taken = async function* () {
    // Since the reader last had taken enough: milliseconds that we have waited for it, and bytes.
    let [waited, inThem] = [0, 0]
    for await (const chunk of chunks) {
      bytes += chunk.length
      const since = performance.now()
      const stalled = setTimeout(() => body.destroy(tooSlow(pace)), pace.within - waited)
      try {
        yield chunk
      } finally {
        clearTimeout(stalled)
      }
      waited += performance.now() - since
      inThem += chunk.length
      if (inThem >= pace.bytes) [waited, inThem] = [0, 0]
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

const tooSlow = ({ bytes, within }: LeastPace): Error =>
  new ReaderStalled(`fewer than ${bytes} bytes were taken in ${within} ms`)
