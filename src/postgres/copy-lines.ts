/** Reading by COPY, which is what PostgreSQL is fastest at. */
import { addAbortSignal } from 'node:stream'
import type pg from 'pg'
import { type CopyToStreamQuery, to as copyTo } from 'pg-copy-streams'

export interface CopyLinesOptions {
  /** A COPY of which nothing has come for so long, milliseconds, while somebody waits for it is lost. */
  readonly silenceMs: number
  /** Ends the reading, also while it waits. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The lines of a `copy … to stdout` in text format, in batches of what comes in one piece (some hundreds).
 * A reader that stops half-way leaves the connection unusable.
 */
export async function* copyLines(
  client: pg.ClientBase,
  statement: string,
  { silenceMs, signal }: CopyLinesOptions,
): AsyncGenerator<string[]> {
  const copy: TimedQuery = copyTo(statement)
  copy.query_timeout = LONGEST_MS
  const stream = client.query(copy)
  if (signal) addAbortSignal(signal, stream)
  try {
    yield* splitLines(unlessSilent(stream, silenceMs))
  } finally {
    copy.callback?.()
  }
}

/**
 * pg would break off a COPY that takes longer than its client's `query_timeout`, however steadily the rows come; and as
 * nothing tells it that a COPY is over, the timer would keep the process from ending.
 */
type TimedQuery = CopyToStreamQuery & { query_timeout?: number; callback?: () => void }

const LONGEST_MS = 2 ** 31 - 1

/** The chunks of a COPY. Only the time that somebody waits for the next one is counted: a slow reader is no silence. */
async function* unlessSilent(stream: CopyToStreamQuery, silenceMs: number): AsyncGenerator<Buffer> {
  const giveUp = () => stream.destroy(new Error(`the server has been silent for ${silenceMs} ms`))
  let waiting = setTimeout(giveUp, silenceMs)
  try {
    for await (const chunk of stream) {
      clearTimeout(waiting)
      yield chunk
      waiting = setTimeout(giveUp, silenceMs)
    }
  } finally {
    clearTimeout(waiting)
  }
}

/** The whole lines of each chunk; what is left over goes in front of the next one. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let rest: Buffer | undefined
  for await (const chunk of chunks) {
    const buffer = rest ? Buffer.concat([rest, chunk]) : chunk
    const end = buffer.lastIndexOf(10)
    rest = end + 1 < buffer.length ? buffer.subarray(end + 1) : undefined
    if (end > 0) yield buffer.toString('utf8', 0, end).split('\n')
  }
}
