import { check, compare, type Figure, type Side, summarise } from '../harness.ts'
import { Probe } from '../probe.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { OPERATOR_TOKEN, type RunningServer, startService } from '../servers.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

/** Short blocks in quick succession: a disturbance meets both sides. */
const BLOCK = 100
const BLOCKS_A_ROUND = 10

interface Tier {
  readonly name: 'snapshot' | 'projection'
  readonly target: number
}

/** Whether an answer takes longer when more people have submitted. */
export const latency: Benchmark = {
  name: 'latency',
  measure: async (bench) => {
    const { large, small } = bench.sizes
    const services: [RunningServer, RunningServer] = [
      await startService(bench, await bench.seeded(large)),
      await startService(bench, await bench.seeded(small)),
    ]
    await resultsOf(services[0], large)
    await resultsOf(services[1], small)
    const figures = [
      await compareTier(bench, services, { name: 'snapshot', target: 1.1 }),
      await compareTier(bench, services, { name: 'projection', target: 1.2 }),
    ]
    return figures
  },
}

async function compareTier(
  bench: Workbench,
  services: [RunningServer, RunningServer],
  { name, target }: Tier,
) {
  const { large, small, rounds } = bench.sizes
  const figure: Figure = {
    what: `GET results, ${name}: latency at ${large} ÷ at ${small}`,
    target: { atMost: target },
    unit: '',
  }
  const probes = [await openProbe(services[0], name), await openProbe(services[1], name)] as const
  const sides = [asking(probes[0], name, large), asking(probes[1], name, small)] as const
  try {
    return await compare(figure, sides, rounds * BLOCKS_A_ROUND)
  } finally {
    for (const probe of probes) probe.close()
  }
}

function openProbe({ url }: RunningServer, tier: Tier['name']): Promise<Probe> {
  const address = `${url}/api/polls/${POLL}/results`
  if (tier === 'snapshot') return Probe.open(address)
  return Probe.open(`${address}?tier=${tier}`, { authorization: `Bearer ${OPERATOR_TOKEN}` })
}

const asking = (probe: Probe, tier: Tier['name'], submissions: number): Side => ({
  name: `median, ${submissions} submissions`,
  unit: 'ms',
  run: async () => {
    const times: number[] = []
    for (let request = 0; request < BLOCK; request++) {
      const { status, body, milliseconds } = await probe.ask()
      check(status === 200, `results answer ${status}`)
      if (request === 0) checkBody(body, tier, submissions)
      times.push(milliseconds)
    }
    return summarise({ name: '', unit: '' }, times).median
  },
})

function checkBody(body: Buffer, tier: string, submissions: number): void {
  const answer = JSON.parse(body.toString())
  check(answer.tier === tier, `the answer comes from the ${answer.tier}`)
  check(answer.submissions.counted === submissions, `${answer.submissions.counted} are counted`)
}
