import pg from 'pg'
import type { EventLog, RecordedEvent } from '../../src/events/event-log.ts'
import { Fold } from '../../src/projections/fold.ts'
import { PackedPeriods } from '../../src/projections/periods/packed-periods.ts'
import { PeriodChanges } from '../../src/projections/periods/period-changes.ts'
import type { PeriodStore } from '../../src/projections/periods/period-store.ts'

/** Everything that is stored, and of what position it is. */
export async function storedPeriods(store: PeriodStore) {
  const { checkpoint, periods } = await store.everything()
  const packed = new PackedPeriods()
  for await (const batch of periods)
    for (const { poll, start, kind, packed: part } of batch) packed.put(poll, start, kind, part)
  return { checkpoint, polls: packed.polls }
}

/** What these events give. */
export function periodsOf(events: readonly RecordedEvent[]) {
  const [fold, changes, packed] = [new Fold(), new PeriodChanges(), new PackedPeriods()]
  fold.listener = changes
  for (const event of events) fold.apply(event)
  packed.add(changes.take())
  return packed.polls
}

/** What a replay of the whole log gives. */
export async function replayedPeriods(log: EventLog) {
  const events: RecordedEvent[] = []
  for await (const batch of log.readAll({ after: 0n })) events.push(...batch)
  return periodsOf(events)
}

/** Statements on a connection of their own. @returns the rows of the last */
export async function execute(url: string, ...statements: readonly string[]) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = (await client.query(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

/** As a database is found that was projected before there were periods. */
export const withoutPeriods = (url: string) =>
  execute(url, `truncate period_aggregates`, `update projections set position = 0 where name = 'periods'`)
