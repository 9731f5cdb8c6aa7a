import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { appendRate, freshEvents } from '../appends.ts'
import { check, compare, judge } from '../harness.ts'
import type { ProjectResult } from '../processes/project.ts'
import type { ReadRowsResult } from '../processes/read-rows.ts'
import { runProcess } from '../processes.ts'
import { type Benchmark, query } from '../workbench.ts'
import { CALLERS } from './projector.ts'

/**
 * The submissions one by one: how fast they are written while the projector catches up, and how fast they are read.
 * The second figure is no ratio: an export has to be faster than what is promised of it.
 */
export const submissionRows: Benchmark = {
  name: 'submission-rows',
  measure: async (bench) => {
    const { large, rounds, seconds } = bench.sizes
    const url = await bench.seeded(large)
    const log = new PostgresEventLog({ databaseUrl: await bench.database('rows_rival') })
    bench.onEnd(() => log.close())
    const fresh = await freshEvents()
    const projecting = async () => {
      await query(url, EMPTY)
      const { events, milliseconds } = await runProcess<ProjectResult>('project.ts', {
        DATABASE_URL: url,
        PROJECTION: 'submissions',
      })
      check(events === large + 1, `${events} events were projected`)
      return (events * 1000) / milliseconds
    }
    const catchingUp = await compare(
      { what: 'rows of submissions catching up ÷ appends at their best', target: { atLeast: 1 }, unit: '' },
      [
        { name: 'projector of submissions', unit: 'events/s', run: projecting },
        {
          name: `appends, ${CALLERS} callers`,
          unit: 'events/s',
          run: () => appendRate(log, fresh, { callers: CALLERS, seconds }),
        },
      ],
      rounds,
    )
    await query(url, 'vacuum analyze submission_rows')
    const read: ReadRowsResult[] = []
    for (let round = 0; round < rounds; round++) {
      const result = await runProcess<ReadRowsResult>('read-rows.ts', { DATABASE_URL: url })
      check(result.rows === large, `${result.rows} submissions were read`)
      read.push(result)
    }
    const rates = read.map(({ rows, milliseconds }) => (rows * 1000) / milliseconds)
    const sizes = read.map(({ megabytes }) => megabytes)
    return [
      catchingUp,
      judge({ what: 'submissions read one by one', target: { atLeast: 150_000 }, unit: 'rows/s' }, rates),
      judge({ what: 'memory of the process that reads them', target: { atMost: 300 }, unit: 'MB' }, sizes),
    ]
  },
}

const EMPTY = `
  begin;
  update projections set position = 0, unknown = 0 where name = 'submissions';
  truncate submission_rows, submission_row_polls;
  commit`
