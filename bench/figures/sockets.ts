import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import { check, judge, summarise } from '../harness.ts'
import type { WatchRound } from '../processes/watch.ts'
import { scriptPath, start } from '../processes.ts'
import { POLL, pollDefinition } from '../seed.ts'
import { type RunningServer, startService } from '../servers.ts'
import type { Benchmark } from '../workbench.ts'

const SOCKETS = 2000
const CPU = 'process_cpu_seconds_total'
/** Enough for news at every tick. */
const PER_SECOND = 20

/**
 * How soon a submission is in the message that each of two thousand open sockets of one process gets, and what a socket
 * costs. Times, not ratios: read them on a machine that is idle.
 */
export const sockets: Benchmark = {
  name: 'sockets',
  measure: async (bench) => {
    const { rounds, seconds, small } = bench.sizes
    const service = await startService(bench, await bench.copyOf(await bench.seeded(small), 'sockets'))
    const before = await memoryOf(service)
    const allocation = simulateAllocation(await pollDefinition(), seededRandom('watched'))
    const watcher = await start({
      command: process.execPath,
      args: [scriptPath('watch.ts')],
      env: {
        URL_OF_API: `${service.url}/api/polls/${POLL}`,
        SOCKETS: String(SOCKETS),
        ROUNDS: String(rounds),
        SECONDS: String(seconds),
        PER_SECOND: String(PER_SECOND),
        BODY: JSON.stringify({ allocation }),
      },
      ready: /open/,
    })
    bench.onEnd(watcher.stop)
    const opened = await figureOf(service, 'taxbudget_live_sockets')
    check(opened === SOCKETS, `${opened} sockets are open, not ${SOCKETS}`)
    const kilobytes = ((await memoryOf(service)) - before) / 1024 / SOCKETS
    const [startedAt, worked] = [performance.now(), await figureOf(service, CPU)]
    process.kill(watcher.pid, 'SIGUSR2')
    const measured: WatchRound[] = JSON.parse(await watcher.says(/rounds (\[.*\])/))
    const busy = ((await figureOf(service, CPU)) - worked) / ((performance.now() - startedAt) / 1000)
    const values = (name: keyof WatchRound) => measured.map((round) => round[name])
    const what = `submitted → told to each of ${SOCKETS} sockets of one process, ${PER_SECOND} submissions/s`
    const sides = [
      summarise({ name: 'the last socket', unit: 'ms' }, values('worst')),
      summarise({ name: 'behind the first socket, p99', unit: 'ms' }, values('spread')),
      summarise({ name: 'the submissions are answered, p99', unit: 'ms' }, values('answered')),
      summarise(
        { name: 'messages', unit: 'per socket and second' },
        values('messages').map((messages) => messages / SOCKETS / seconds),
      ),
      summarise({ name: 'the process is busy', unit: '% of a core' }, [busy * 100]),
    ]
    return [
      judge({ what: `${what}: p99`, target: { atMost: 500 }, unit: 'ms' }, values('p99'), sides),
      judge({ what: `${what}: median`, target: { atMost: 250 }, unit: 'ms' }, values('median')),
      judge({ what: 'memory of an open socket', target: { atMost: 64 }, unit: 'KB' }, [kilobytes]),
    ]
  },
}

/** Bytes that the process holds, once they stand still. */
async function memoryOf(service: RunningServer): Promise<number> {
  await sleep(2000)
  return await figureOf(service, 'process_resident_memory_bytes')
}

async function figureOf({ url }: RunningServer, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  check(Number.isFinite(value), `${name} is not told`)
  return value
}
