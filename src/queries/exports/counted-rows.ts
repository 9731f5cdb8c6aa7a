import { setImmediate as nextTurn } from 'node:timers/promises'
import { Problem } from '../../errors.ts'
import type { Rows } from './encoder.ts'

/** The rows are not those that the published results count: nobody may take them for whole. */
class ExportContradicts extends Error {
  override readonly name = 'ExportContradicts'
}

/** How many have been read so far. */
export interface RowCount {
  rows: number
}

/**
 * Passes rows on, counts them, and lets others have a turn after each batch.
 * @param expected how many there must be in the end
 * @throws {ExportContradicts} at the end, if there were more or fewer
 */
export async function* countRows(rows: Rows, count: RowCount, expected: number): Rows {
  for await (const batch of rows) {
    count.rows += batch.length
    if (batch.length > 0) yield batch
    await nextTurn()
  }
  if (count.rows !== expected)
    throw new ExportContradicts(`there are ${count.rows} rows where ${expected} submissions are counted`)
}

/**
 * The same rows, of which the first have arrived already: if they cannot be read, that is known before an answer begins.
 * @param signal lets go of the rows, also of those that nobody ever asks for
 * @throws {Problem} SUBMISSIONS_UNAVAILABLE
 */
export async function primed(rows: Rows, signal: AbortSignal): Promise<Rows> {
  const iterator = rows[Symbol.asyncIterator]()
  signal.addEventListener('abort', () => void iterator.return?.().catch(() => {}), { once: true })
  return resume(await iterator.next().catch(unavailable), iterator)
}

/** What is wrong with our numbers is no passing trouble. */
const unavailable = (cause: unknown): never => {
  throw cause instanceof ExportContradicts
    ? cause
    : new Problem('SUBMISSIONS_UNAVAILABLE', { retryAfter: 5, cause })
}

async function* resume<T>(first: IteratorResult<T>, iterator: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    for (let next = first; !next.done; next = await iterator.next().catch(unavailable)) yield next.value
  } finally {
    await iterator.return?.()
  }
}
