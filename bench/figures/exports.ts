import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, compare, judge, type Measured } from '../harness.ts'
import type { CopyRowsResult } from '../processes/copy-rows.ts'
import type { DownloadResult } from '../processes/download.ts'
import { runProcess } from '../processes.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { type RunningServer, startService } from '../servers.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

const unit = 'submissions/s'

/** How fast a poll is taken away as CSV through HTTP, and how much memory the service takes for it. */
export const exports: Benchmark = {
  name: 'export',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const databaseUrl = await bench.seeded(large)
    await projectRows(bench, databaseUrl)
    const service = await startService(bench, databaseUrl)
    await resultsOf(service, large)
    const url = exportOf(service)
    const rates: number[] = []
    const exporting = async () => {
      const { rows, milliseconds } = await runProcess<DownloadResult>('download.ts', { URL: url })
      check(rows === large, `${rows} submissions were exported`)
      rates.push((rows * 1000) / milliseconds)
      return rates.at(-1)!
    }
    const copying = async () => {
      const result = await runProcess<CopyRowsResult>('copy-rows.ts', { DATABASE_URL: databaseUrl })
      check(result.rows === large, `${result.rows} rows were read`)
      return (result.rows * 1000) / result.milliseconds
    }
    const ratio = await compare(
      { what: 'export as CSV through HTTP ÷ COPY of the same rows', target: { atLeast: 0.3 }, unit: '' },
      [
        { name: 'export', unit, run: exporting },
        { name: 'COPY', unit, run: copying },
      ],
      rounds,
    )
    return [ratio, absolute(rates.slice(1)), await memory(service.pid)]
  },
}

const exportOf = ({ url }: RunningServer): string => `${url}/api/polls/${POLL}/submissions?format=csv`

/** So long may a million rows take on a busy machine. */
const PATIENCE_MS = 600_000

/** A service of its own does it, so that the one that is measured has nothing else behind it. */
async function projectRows(bench: Workbench, databaseUrl: string): Promise<void> {
  const service = await startService(bench, databaseUrl)
  for (const until = performance.now() + PATIENCE_MS; ; await sleep(500)) {
    const response = await fetch(`${exportOf(service)}&limit=1`)
    await response.arrayBuffer()
    if (response.ok) return await service.stop()
    check(response.status === 503, `the export answers ${response.status}`)
    check(performance.now() < until, 'the rows of submissions are not there yet')
  }
}

const absolute = (rates: readonly number[]): Measured =>
  judge({ what: 'export as CSV through HTTP', target: { atLeast: 100_000 }, unit }, rates)

/** The largest that the service has been. */
async function memory(pid: number): Promise<Measured> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  check(megabytes > 0, 'nobody knows how large the service was')
  return judge({ what: 'service that exports, memory', target: { atMost: 300 }, unit: 'MB' }, [megabytes])
}
