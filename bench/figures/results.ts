import { check, compare, type Side } from '../harness.ts'
import { load } from '../load.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { type RunningServer, startBareServer, startService } from '../servers.ts'
import type { Benchmark } from '../workbench.ts'

const CONNECTIONS = 50

/** What an answer from the snapshot costs beside sending its bytes. */
export const results: Benchmark = {
  name: 'results',
  measure: async (bench) => {
    const { rounds, seconds, small } = bench.sizes
    const url = await bench.seeded(small)
    const service = await startService(bench, url)
    const bytes = await resultsOf(service, small)
    const bare = await startBareServer(bench, bytes)
    const asking = (name: string, { url }: RunningServer): Side => ({
      name,
      unit: 'req/s',
      run: async () => {
        const result = await load({
          url: `${url}/api/polls/${POLL}/results`,
          connections: CONNECTIONS,
          seconds,
        })
        check(result.failed === 0, `${result.failed} requests failed`)
        check(result.bytes > result.succeeded * bytes.length, 'the answers were too short')
        return result.requestsPerSecond
      },
    })
    const figure = await compare(
      { what: 'GET results, snapshot ÷ fastify sending the same bytes', target: { atLeast: 0.8 }, unit: '' },
      [
        asking(`results, ${CONNECTIONS} connections`, service),
        asking(`the same ${bytes.length} bytes`, bare),
      ],
      rounds,
    )
    check(bytes.equals(await resultsOf(service, small)), 'the results have changed meanwhile')
    return [figure]
  },
}
