/** Reading the log by COPY, which is what PostgreSQL is fastest at. */
import type pg from 'pg'
import { copyLines } from '../../postgres/copy-lines.ts'
import type { Position, RecordedEvent } from '../event-log.ts'
import { COLUMNS, parseRow } from './stored-row.ts'

/** Events in one COPY: a longer one would hold back the vacuuming of every other table for as long as it runs. */
export const EVENTS_PER_COPY = 50_000n

/**
 * The COPY that reads the events after `after` up to `upTo`. Positions are integers, so they are safe to write out.
 * @param table the partition that has them, or `events`
 */
export const copyStatement = (after: Position, upTo: Position, table = 'events', columns = COLUMNS): string =>
  `copy (select ${columns} from ${table} where position > ${after} and position <= ${upTo} order by position) to stdout`

/** Where rows are read. */
export interface RowSource {
  readonly pool: pg.Pool
  /** A COPY of which nothing has come for so long, milliseconds, while somebody waits for it is lost. */
  readonly silenceMs: number
}

/**
 * Events of one table after `after` up to `upTo`, in batches of what comes in one piece (some hundreds).
 * A reader that stops half-way costs the connection, not the rest of the answer.
 */
export async function* readRows(
  source: RowSource,
  table: string,
  after: Position,
  upTo: Position,
  signal?: AbortSignal,
): AsyncGenerator<RecordedEvent[]> {
  for (let from = after; from < upTo; ) {
    const end = from + EVENTS_PER_COPY
    const to = end < upTo ? end : upTo
    for await (const lines of readLines(source, copyStatement(from, to, table), signal))
      yield lines.map(parseRow)
    from = to
  }
}

/** The lines that a COPY gives, in batches. */
export async function* readLines(
  { pool, silenceMs }: RowSource,
  statement: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[]> {
  signal?.throwIfAborted()
  const client = await pool.connect()
  // A lost connection fails the stream below; without a listener here it would end the process too.
  const ignore = () => {}
  client.on('error', ignore)
  let complete = false
  try {
    for await (const lines of copyLines(client, statement, { silenceMs })) {
      signal?.throwIfAborted()
      yield lines
    }
    complete = true
  } finally {
    client.off('error', ignore)
    client.release(!complete)
  }
}
