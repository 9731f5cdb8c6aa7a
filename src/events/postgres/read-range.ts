/** Reading the log over its months: from the table what is there, from the archives what is not. */
import { setImmediate as turn } from 'node:timers/promises'
import { EventLogUnavailable, type Position, type ReadAllOptions, type RecordedEvent } from '../event-log.ts'
import type { EventBatch } from '../submitted-run.ts'
import type { Archive, Archives } from './archive/archive-file.ts'
import { monthAfter, type TextQuery } from './months.ts'
import { type RowSource, readRows } from './read-rows.ts'

/** Where events are read. */
export interface LogSource extends RowSource {
  readonly query: TextQuery
  readonly archives: Archives
}

/** Archived events that are made at a time: so long nobody else has the event loop. */
const EVENTS_PER_TURN = 500

/** What PostgreSQL says of a partition that was dropped meanwhile: it is in the archive now. */
const UNDEFINED_TABLE = '42P01'
export const wasDropped = (error: unknown): boolean => (error as { code?: unknown }).code === UNDEFINED_TABLE

/**
 * Events after `after` up to `upTo`, in batches. Positions have no gaps: a month that has less than it must have is an
 * error, never passed over.
 */
export async function* readRange(
  source: LogSource,
  after: Position,
  upTo: Position,
  options: Pick<ReadAllOptions, 'signal' | 'forFold'> = {},
): AsyncGenerator<EventBatch> {
  const { signal } = options
  let position = after
  for (let surprises = 0; position < upTo; ) {
    signal?.throwIfAborted()
    const month = await monthAfter(source.query, position)
    if (!month) return
    const { archive, last, table } = month
    const end = last !== undefined && last < upTo ? last : upTo
    try {
      const batches =
        month.dropped && archive
          ? readArchived(source.archives, archive, position, end, signal)
          : readRows(source, table, position, end, options)
      for await (const events of batches) {
        yield events
        position = events.at(-1)!.position
      }
      surprises = 0
    } catch (error) {
      if (!wasDropped(error) || surprises++ > 0) throw error
      continue
    }
    if (last === undefined) return
    if (position < end)
      throw new EventLogUnavailable(
        `events are missing: ${month.month} ends at ${position} instead of ${end}`,
      )
  }
}

/** The archived events at these positions, in order. */
export async function readArchivedAt(
  source: LogSource,
  positions: readonly Position[],
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = []
  for (const position of positions)
    for await (const batch of readRange(source, position - 1n, position)) events.push(...batch)
  return events
}

async function* readArchived(
  archives: Archives,
  archive: Archive,
  after: Position,
  upTo: Position,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventBatch> {
  for await (const { first, group } of archives.groups(archive, after, upTo)) {
    const end = Math.min(group.events, Number(upTo - first) + 1)
    for (let row = after < first ? 0 : Number(after - first) + 1; row < end; row += EVENTS_PER_TURN) {
      signal?.throwIfAborted()
      yield group.batch(row, Math.min(row + EVENTS_PER_TURN, end))
      await turn()
    }
  }
}
