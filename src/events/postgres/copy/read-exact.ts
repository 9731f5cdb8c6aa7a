import { EventLogUnavailable, type Position } from '../../event-log.ts'
import type { ExactBatch, ExactEvent } from '../../log-copy.ts'
import type { ArchivedGroup } from '../archive/archived-event.ts'
import { EXACT_COLUMNS, parseLine } from '../archive/stored-line.ts'
import { type LogMonth, monthAfter } from '../months.ts'
import { type LogSource, wasDropped } from '../read-range.ts'
import { copyStatement, EVENTS_PER_COPY, readLines } from '../read-rows.ts'

const EVENTS_PER_BATCH = 500

/**
 * Every event up to a position as it is stored, months that were dropped from their archives.
 * @throws {EventLogUnavailable} a position is missing
 */
export async function* readExact(
  source: LogSource,
  upTo: Position,
  signal: AbortSignal,
): AsyncGenerator<ExactBatch> {
  let position = 0n
  for (let surprises = 0; position < upTo; ) {
    const month = await monthAfter(source.query, position)
    if (!month) break
    const end = month.last !== undefined && month.last < upTo ? month.last : upTo
    try {
      for await (const events of eventsOf(source, month, position, end, signal)) {
        signal.throwIfAborted()
        for (const event of events) if (event.position !== ++position) throw missing(position, event.position)
        yield { month: month.month, events }
      }
      surprises = 0
    } catch (error) {
      // It was dropped at this very moment: it is in the archive now.
      if (!wasDropped(error) || surprises++ > 0) throw error
      continue
    }
    if (position < end) throw missing(position + 1n, 'nothing')
  }
  if (position < upTo) throw missing(position + 1n, 'nothing')
}

const missing = (expected: Position, found: Position | string): EventLogUnavailable =>
  new EventLogUnavailable(`events are missing: the log has ${found} where position ${expected} should be`)

async function* eventsOf(
  source: LogSource,
  { archive, dropped, table }: LogMonth,
  after: Position,
  upTo: Position,
  signal: AbortSignal,
): AsyncGenerator<ExactEvent[]> {
  if (dropped && archive) {
    for await (const { first, group } of source.archives.groups(archive, after, upTo))
      yield* rowsOf(group, after < first ? 0 : Number(after - first) + 1, Number(upTo - first) + 1)
    return
  }
  for (let from = after; from < upTo; from += EVENTS_PER_COPY) {
    const to = from + EVENTS_PER_COPY < upTo ? from + EVENTS_PER_COPY : upTo
    for await (const lines of readLines(source, copyStatement(from, to, table, EXACT_COLUMNS), signal))
      yield lines.map(parseLine)
  }
}

function* rowsOf(group: ArchivedGroup, start: number, end: number): Generator<ExactEvent[]> {
  const last = Math.min(end, group.events)
  for (let row = start; row < last; row += EVENTS_PER_BATCH) {
    const rows = Array.from({ length: Math.min(EVENTS_PER_BATCH, last - row) }, (_, index) => row + index)
    yield rows.map((each) => exactAt(group, each))
  }
}

const exactAt = (group: ArchivedGroup, row: number): ExactEvent => ({
  position: group.value('position', row),
  stream: group.value('stream', row),
  revision: group.value('revision', row),
  id: group.value('id', row),
  type: group.value('type', row),
  schemaVersion: group.value('schema_version', row),
  data: group.value('data', row),
  metadata: group.value('metadata', row) ?? null,
  recordedAt: group.value('recorded_at', row),
})
