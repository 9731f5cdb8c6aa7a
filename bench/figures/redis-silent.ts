import { setTimeout as sleep } from 'node:timers/promises'
import { quietPort } from '../../tests/support/world/ports.ts'
import { check, type Figure, judge, summarise } from '../harness.ts'
import { Probe } from '../probe.ts'
import { start } from '../processes.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { OPERATOR_TOKEN, startService } from '../servers.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

const ASKED_A_ROUND = 300
const FIRST_SECOND_MS = 1000
/** Answers are shared by all who ask within ten milliseconds: each of ours shall be asked for anew. */
const PAUSE_MS = 12

/** Whether anybody waits for a Redis that has stopped answering without hanging up. */
export const redisSilent: Benchmark = {
  name: 'redis-silent',
  measure: async (bench) => {
    const { rounds, small } = bench.sizes
    const redis = await startRedis(bench)
    const service = await startService(bench, await bench.seeded(small), { REDIS_URL: redis.url })
    await resultsOf(service, small)
    const address = `${service.url}/api/polls/${POLL}/results`
    const forced = { authorization: `Bearer ${OPERATOR_TOKEN}` }
    const silent = await Probe.open(address)
    const alone = await Probe.open(`${address}?tier=projection`, forced)
    redis.pause()
    for (const end = performance.now() + FIRST_SECOND_MS; performance.now() < end; await sleep(1))
      await silent.ask()
    try {
      const pairs: [number, number][] = []
      for (let round = 0; round <= rounds; round++) {
        const pair = await worst(silent, alone)
        if (round > 0) pairs.push(pair)
      }
      const side = (name: string, index: 0 | 1) =>
        summarise(
          { name, unit: 'ms' },
          pairs.map((pair) => pair[index]),
        )
      return [
        judge(
          figure,
          pairs.map(([a, b]) => a / b),
          [side('p99 with a silent Redis', 0), side('p99 of the projection alone', 1)],
        ),
      ]
    } finally {
      silent.close()
      alone.close()
    }
  },
}

const figure: Figure = {
  what: 'GET results with a silent Redis ÷ projection alone: p99',
  target: { atMost: 1.5 },
  unit: '',
}

/** The p99 of each, asked by turns: what disturbs the machine for a moment meets both. */
async function worst(...probes: readonly [Probe, Probe]): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let request = 0; request < ASKED_A_ROUND; request++)
    for (const [side, probe] of probes.entries()) {
      await sleep(PAUSE_MS)
      const { status, body, milliseconds } = await probe.ask()
      check(status === 200, `results answer ${status}`)
      const { tier } = JSON.parse(body.toString())
      check(tier === 'projection', `the answer comes from the ${tier}`)
      times[side]!.push(milliseconds)
    }
  const p99 = (sorted: number[]) => sorted[Math.floor(ASKED_A_ROUND * 0.99)]!
  return [p99(times[0].sort((a, b) => a - b)), p99(times[1].sort((a, b) => a - b))]
}

async function startRedis(bench: Workbench) {
  const port = await quietPort()
  const { pid, stop } = await start({
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', bench.folder, '--save', ''],
    ready: /Ready to accept connections/,
  })
  bench.onEnd(stop)
  return {
    url: `redis://127.0.0.1:${port}`,
    /** It keeps its connections, and says nothing until everything is ended. */
    pause: () => {
      process.kill(pid, 'SIGSTOP')
      bench.onEnd(async () => process.kill(pid, 'SIGCONT'))
    },
  }
}
