/** Reading the log by COPY, which is what PostgreSQL is fastest at. */
import type pg from 'pg'
import { type CopyLinesOptions, copyBytes, copyLines } from '../../postgres/copy-lines.ts'
import type { Position, ReadAllOptions } from '../event-log.ts'
import type { EventBatch } from '../submitted-run.ts'
import { RowBatches } from './row-batches.ts'
import { COLUMNS, COLUMNS_FOR_FOLD, fieldsOf, StoredRow } from './stored-row.ts'

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
  { signal, forFold = false }: Pick<ReadAllOptions, 'signal' | 'forFold'>,
): AsyncGenerator<EventBatch> {
  const batches = new RowBatches()
  for (let from = after; from < upTo; ) {
    const end = from + EVENTS_PER_COPY
    const to = end < upTo ? end : upTo
    const statement = copyStatement(from, to, table, forFold ? COLUMNS_FOR_FOLD : COLUMNS)
    if (forFold)
      for await (const bytes of lent(source, copyBytes, statement, signal)) yield batches.batch(bytes)
    else
      for await (const lines of readLines(source, statement, signal))
        yield lines.map((line) => new StoredRow(fieldsOf(line)))
    from = to
  }
}

/** The lines that a COPY gives, in batches. */
export async function* readLines(
  source: RowSource,
  statement: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string[]> {
  yield* lent(source, copyLines, statement, signal)
}

type Copy<Batch> = (
  client: pg.PoolClient,
  statement: string,
  options: CopyLinesOptions,
) => AsyncGenerator<Batch>

/** What a COPY gives over a connection that is lent for it. */
async function* lent<Batch>(
  { pool, silenceMs }: RowSource,
  copy: Copy<Batch>,
  statement: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch> {
  signal?.throwIfAborted()
  const client = await pool.connect()
  // A lost connection fails the stream below; without a listener here it would end the process too.
  const ignore = () => {}
  client.on('error', ignore)
  let complete = false
  try {
    for await (const batch of copy(client, statement, { silenceMs })) {
      signal?.throwIfAborted()
      yield batch
    }
    complete = true
  } finally {
    client.off('error', ignore)
    client.release(!complete)
  }
}
