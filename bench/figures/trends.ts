import { check, compare, judge, type Side } from '../harness.ts'
import { Probe } from '../probe.ts'
import { POLL, YEAR_MS } from '../seed.ts'
import { startService } from '../servers.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

const YEARS = 5
const ASKED_A_ROUND = 40

/** Whether trends cost the same however many took part. */
export const trends: Benchmark = {
  name: 'trends',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const small = large / 10
    // They were seeded before: what the service has to read first is no part of an answer.
    const sides = [await asking(bench, large), await asking(bench, small)] as const
    const ratio = await compare(
      {
        what: `GET trends by day over ${YEARS} years: ${large} ÷ ${small} submissions`,
        target: { atMost: 1.2 },
        unit: '',
      },
      sides,
      rounds,
    )
    const milliseconds = sides[0].measured.slice(1)
    const what = `GET trends by day over ${YEARS} years of ${large} submissions: median`
    return [judge({ what, target: { atMost: 15 }, unit: 'ms' }, milliseconds), ratio]
  },
}

/** Median of some answers, each checked. */
async function asking(bench: Workbench, submissions: number): Promise<Side & { measured: number[] }> {
  const service = await startService(bench, await bench.seeded(submissions, { years: YEARS }))
  const from = new Date(Date.now() - YEARS * YEAR_MS).toISOString()
  const query = new URLSearchParams({ bucket: 'day', view: 'cumulative', tz: 'America/New_York', from })
  const probe = await Probe.open(`${service.url}/api/polls/${POLL}/trends?${query}`)
  bench.onEnd(async () => probe.close())
  const measured: number[] = []
  const run = async () => {
    const times: number[] = []
    for (let request = 0; request < ASKED_A_ROUND; request++) {
      const { status, body, milliseconds } = await probe.ask()
      check(status === 200, `trends answer ${status}: ${body}`)
      times.push(milliseconds)
      if (request > 0) continue
      const { buckets } = JSON.parse(body.toString())
      check(buckets.length >= YEARS * 365, `there are ${buckets.length} days`)
      const { counted } = buckets.at(-1)
      check(counted === submissions, `${counted} submissions are counted, not ${submissions}`)
    }
    const median = times.sort((a, b) => a - b)[ASKED_A_ROUND >> 1]!
    measured.push(median)
    return median
  }
  return { name: `${submissions} submissions`, unit: 'ms', run, measured }
}
