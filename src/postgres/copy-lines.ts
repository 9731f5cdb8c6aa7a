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

/** The lines of a `copy … to stdout` in text format, in batches: see `copyBytes`. */
export async function* copyLines(
  client: pg.ClientBase,
  statement: string,
  options: CopyLinesOptions,
): AsyncGenerator<string[]> {
  for await (const bytes of copyBytes(client, statement, options))
    yield bytes.toString('utf8', 0, bytes.length - 1).split('\n')
}

/**
 * What a `copy … to stdout` in text format gives: the whole lines of what comes in one piece (some hundreds), each with
 * its line feed. A reader that stops half-way leaves the connection unusable.
 */
export async function* copyBytes(
  client: pg.ClientBase,
  statement: string,
  { silenceMs, signal }: CopyLinesOptions,
): AsyncGenerator<Buffer> {
  const copy: TimedQuery = copyTo(statement)
  copy.query_timeout = LONGEST_MS
  const stream = client.query(copy)
  if (signal) addAbortSignal(signal, stream)
  try {
    yield* wholeLines(unlessSilent(stream, silenceMs))
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
async function* wholeLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer | undefined
  for await (const chunk of chunks) {
    const buffer = rest ? Buffer.concat([rest, chunk]) : chunk
    const end = buffer.lastIndexOf(10) + 1
    rest = end < buffer.length ? buffer.subarray(end) : undefined
    if (end > 0) yield buffer.subarray(0, end)
  }
}
