import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { diffAggregates } from '../../src/projections/diff-aggregates.ts'
import { ProjectionStore } from '../../src/projections/projection-store.ts'
import { replay } from '../../src/queries/replay.ts'
import { appendRate, freshEvents } from '../appends.ts'
import { check, compare } from '../harness.ts'
import type { ProjectResult } from '../processes/project.ts'
import { runProcess } from '../processes.ts'
import { POLL } from '../seed.ts'
import { type Benchmark, query } from '../workbench.ts'

const unit = 'events/s'
/** Enough to fill both lanes of the log with its largest commits. */
export const CALLERS = 2000

/** How far ahead of the log's best rate the projector keeps. */
export const projector: Benchmark = {
  name: 'projector',
  measure: async (bench) => {
    const { large, rounds, seconds } = bench.sizes
    const url = await bench.seeded(large)
    const log = new PostgresEventLog({ databaseUrl: await bench.database('projector_rival') })
    bench.onEnd(() => log.close())
    const fresh = await freshEvents()
    const projecting = async () => {
      await query(url, EMPTY)
      const { events, milliseconds } = await runProcess<ProjectResult>('project.ts', { DATABASE_URL: url })
      check(events === large + 1, `${events} events were projected`)
      return (events * 1000) / milliseconds
    }
    const figure = await compare(
      { what: 'projector catching up ÷ appends at their best', target: { atLeast: 5 }, unit: '' },
      [
        { name: 'projector', unit, run: projecting },
        {
          name: `appends, ${CALLERS} callers`,
          unit,
          run: () => appendRate(log, fresh, { callers: CALLERS, seconds }),
        },
      ],
      rounds,
    )
    await checkProjection(url)
    return [figure]
  },
}

export const EMPTY = `
  begin;
  update projections set position = 0, unknown = 0;
  delete from poll_aggregates;
  delete from category_aggregates;
  delete from parked_events;
  truncate period_aggregates;
  commit`

/** The projection equals a replay, to the last digit. */
export async function checkProjection(databaseUrl: string): Promise<void> {
  const log = new PostgresEventLog({ databaseUrl })
  const pool = await openPool({ databaseUrl, deadlineMs: 5000, size: 1 })
  try {
    const projected = await new ProjectionStore(pool).poll(POLL)
    const replayed = (await replay(log)).fold.polls.get(POLL)
    const differences = projected && replayed ? diffAggregates(replayed, projected) : undefined
    check(differences?.length === 0, `the projection is not the replay: ${JSON.stringify(differences)}`)
  } finally {
    await log.close()
    await pool.end()
  }
}
