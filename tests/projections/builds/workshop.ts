/** A log, its live projections, and who builds others beside them; everything in this process. */
import { expect } from 'vitest'
import type { EventLog } from '../../../src/events/event-log.ts'
import { PostgresEventLog } from '../../../src/events/postgres/postgres-event-log.ts'
import { ClientPool } from '../../../src/postgres/client-pool.ts'
import { openPool } from '../../../src/postgres/pool.ts'
import { Builder, type BuilderEvent, type BuilderOptions } from '../../../src/projections/builds/builder.ts'
import { Follower } from '../../../src/projections/builds/follower.ts'
import { StoredProjectionOperations } from '../../../src/projections/builds/operations.ts'
import type { BuildableName } from '../../../src/projections/builds/read-models.ts'
import { createTestDatabase } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import type { Append } from '../../support/history.ts'
import { execute } from '../../support/stored-periods.ts'
import { threadHere } from './thread-here.ts'

type Options = Partial<Pick<BuilderOptions, 'jobs' | 'rangeEvents' | 'startThread'>>

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>

/** @param openLog an event log of one's own; one in the database if left out */
export async function openWorkshop(openLog?: () => EventLog, positionsPerEvent = 1n) {
  const database = await createTestDatabase()
  const { url } = database
  const log = openLog?.() ?? new PostgresEventLog({ databaseUrl: url })
  const pool = await openPool({ databaseUrl: url, deadlineMs: 5000, size: 4 })
  const rowsPool = new ClientPool({ databaseUrl: url, name: 'test rows', size: 2 })
  const follower = () => new Follower({ log, pool, rowsPool })
  const operations = new StoredProjectionOperations({ log, pool, rowsPool, positionsPerEvent })
  const live = follower()
  const events: BuilderEvent[] = []
  const endings: (() => Promise<void>)[] = []

  /** Works on what is being built until it is stopped. */
  const build = (projection: BuildableName, options: Options = {}) => {
    const stop = new AbortController()
    const builder = new Builder(projection, {
      ...{ log, pool, databaseUrl: url, follower: follower(), positionsPerEvent },
      ...{ jobs: 2, rangeEvents: 7, startThread: () => threadHere(url, log), lookEveryMs: 20 },
      onEvent: (event) => events.push(event),
      ...options,
    })
    const running = builder.run(stop.signal)
    const end = async () => {
      stop.abort()
      await running
    }
    endings.push(end)
    return end
  }

  const write = async (appends: readonly Append[]) => {
    for (const { stream, events, expectedRevision } of appends)
      await log.append(stream, events, expectedRevision).catch((error: Error) => {
        if (error.name !== 'WrongExpectedRevision') throw error
      })
  }

  const version = async (projection: string, number: number) =>
    (await operations.list()).find((each) => each.projection === projection && each.version === number)

  return {
    ...{ url, log, pool, rowsPool, operations, events, build, write, version },
    /** Brings the live versions to the log's head, as their projectors do. */
    project: async () => {
      const head = await log.head()
      for (const { projection, version, status } of await operations.list())
        if (status === 'live') await live.advance({ projection: projection as BuildableName, version }, head)
    },
    /** Waits until what is being built is in a state. */
    comes: (projection: string, state: string, timeoutMs = 20_000) =>
      eventually(async () => {
        const building = (await operations.list()).find(
          (each) => each.projection === projection && each.status === 'building',
        )
        const failures = events.filter(({ what }) => what === 'failed' || what === 'differs')
        expect({ state: building?.build?.state, failures }).toEqual({ state, failures: [] })
      }, timeoutMs),
    isLive: (projection: string, number: number, timeoutMs = 20_000) =>
      eventually(async () => expect((await version(projection, number))?.status).toBe('live'), timeoutMs),
    close: async () => {
      for (const end of endings) await end()
      await Promise.all([log.close(), rowsPool.close(), pool.end()])
      await database.drop()
    },
  }
}

const COLUMNS: Readonly<Record<BuildableName, Readonly<Record<string, string>>>> = {
  'category-aggregate': {
    poll_aggregates:
      'poll, definition::text, status, opened_at, position, as_of, parked, counted, excluded, withdrawn',
    category_aggregates: 'poll, category, ordinal, count, sum, sum_squares, histogram::text',
    parked_events: 'position, poll, stream, type, error',
    period_aggregates:
      'poll, start, kind, position, counted, excluded, withdrawn, sums, sum_squares, histograms::text',
  },
  submissions: {
    submission_rows:
      'submission, poll, pseudonym, from_position, to_position, submitted_at, changed_at, to_time, ending, shares',
    submission_row_polls: 'poll, definition::text',
    submission_row_changes: 'position, stream',
  },
}

/** Everything that is stored of a version, row by row. */
export async function rowsOf(url: string, projection: BuildableName, version: number) {
  const tables: Record<string, unknown[]> = {}
  for (const [table, columns] of Object.entries(COLUMNS[projection]))
    tables[table] = await execute(
      url,
      `select ${columns} from ${table} where version = ${version} order by ${columns.split(', ').map((_, index) => index + 1)}`,
    )
  const names = projection === 'submissions' ? `'submissions'` : `'category-aggregate', 'periods'`
  tables.projections = await execute(
    url,
    `select name, position, unknown, fold_version from projections where version = ${version} and name in (${names}) order by name`,
  )
  return tables
}
