import { isUtf8 } from 'node:buffer'

/** One physical line of a file, without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** Bytes of the file up to and including this line. */
  readonly end: number
  readonly text: string
  /** Why the line cannot be read; `text` is empty then. */
  readonly problem?: string
}

/** Far above any ballot: without it, a file that has no line ends would be held in memory whole. */
const MAX_LINE_BYTES = 1_000_000

const NEWLINE = 0x0a
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Lines of a UTF-8 file, ended by LF or CRLF; a byte order mark is dropped. A line in another encoding is told as
 * that line's problem: it does not spoil the others.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let [number, end, length] = [0, 0, 0]
  let parts: Buffer[] = []
  const take = (): Line => {
    const line = decode(Buffer.concat(parts), { number: ++number, end, tooLong: length > MAX_LINE_BYTES })
    parts = []
    length = 0
    return line
  }
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start)
      const stop = newline === -1 ? chunk.length : newline
      if (length <= MAX_LINE_BYTES) parts.push(chunk.subarray(start, stop))
      length += stop - start
      end += stop - start + (newline === -1 ? 0 : 1)
      start = stop + 1
      if (newline !== -1) yield take()
    }
  }
  if (length > 0) yield take()
}

function decode(bytes: Buffer, at: { number: number; end: number; tooLong: boolean }): Line {
  const { tooLong, ...place } = at
  if (tooLong) return { ...place, text: '', problem: `is longer than ${MAX_LINE_BYTES} bytes` }
  if (!isUtf8(bytes)) return { ...place, text: '', problem: 'is not UTF-8: save the file as UTF-8' }
  const text = bytes.toString('utf8')
  const unmarked = place.number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  return { ...place, text: unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked }
}
