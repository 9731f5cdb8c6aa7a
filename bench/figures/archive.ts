import { join } from 'node:path'
import { Archiver } from '../../src/events/postgres/archive/archiver.ts'
import { check, compare, judge } from '../harness.ts'
import type { ReplayResult } from '../processes/replay.ts'
import { runProcess } from '../processes.ts'
import { type Benchmark, query, type Workbench } from '../workbench.ts'

const unit = 'events/s'

/** What a replay gains when the events are in an archive instead of the table, and how much memory it takes. */
export const archive: Benchmark = {
  name: 'archive',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const seeded = await bench.seeded(large)
    const archived = {
      DATABASE_URL: await bench.copyOf(seeded, 'archived'),
      ARCHIVE_DIR: join(bench.folder, 'archive'),
    }
    await archiveAll(bench, archived.DATABASE_URL, archived.ARCHIVE_DIR)
    const megabytes: number[] = []
    const replaying = async (env: Readonly<Record<string, string>>) => {
      const result = await runProcess<ReplayResult>('replay.ts', env)
      const { events, counted, parked, unknown } = result
      check(events === large + 1, `${events} events were replayed`)
      check(counted === large && parked + unknown === 0, `${counted} submissions were counted`)
      if (env === archived) megabytes.push(result.megabytes)
      return (events * 1000) / result.milliseconds
    }
    return [
      await compare(
        { what: 'replay from the archive ÷ from the log', target: { atLeast: 3 }, unit: '' },
        [
          { name: 'archive', unit, run: () => replaying(archived) },
          { name: 'log', unit, run: () => replaying({ DATABASE_URL: seeded }) },
        ],
        rounds,
      ),
      judge({ what: 'replay from the archive, memory', target: { atMost: 300 }, unit: 'MB' }, megabytes),
    ]
  },
}

async function archiveAll(bench: Workbench, databaseUrl: string, archiveDir: string): Promise<void> {
  await query(databaseUrl, `select begin_log_month(clock_timestamp() + interval '1 month')`)
  const archiver = new Archiver({ databaseUrl, archiveDir })
  const { signal } = new AbortController()
  try {
    for (const { month, first, until } of await archiver.months()) {
      if (until < first) continue
      const started = performance.now()
      await archiver.archive(month, { signal, onProgress: () => {} })
      await archiver.drop(month, signal)
      const seconds = (performance.now() - started) / 1000
      bench.tell(`${month}: ${until - first + 1n} events archived and dropped in ${seconds.toFixed(1)} s`)
    }
    const [left] = await query<{ left: string }>(databaseUrl, 'select count(*) as left from events')
    check(left?.left === '0', `${left?.left} events are still in the table`)
    for (const { archive: file } of await archiver.months())
      if (file) bench.tell(`${file.file}: ${(file.bytes / 1e6).toFixed(1)} MB`)
  } finally {
    await archiver.close()
  }
}
