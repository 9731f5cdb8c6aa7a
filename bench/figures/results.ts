import { check, compare, type Side } from '../harness.ts'
import { load } from '../load.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { type RunningServer, startBareServer, startRedis, startService } from '../servers.ts'
import type { Benchmark } from '../workbench.ts'

const CONNECTIONS = 50

/** What an answer from the snapshot costs beside sending its bytes, wherever the snapshot is kept. */
export const results: Benchmark = {
  name: 'results',
  measure: async (bench) => {
    const { rounds, seconds, small } = bench.sizes
    const url = await bench.seeded(small)
    const inMemory = await startService(bench, url)
    const bytes = await resultsOf(inMemory, small)
    const bare = await startBareServer(bench, bytes)
    const asking = (name: string, server: RunningServer): Side => ({
      name: `${name}, ${CONNECTIONS} connections`,
      unit: 'req/s',
      run: async () => {
        const result = await load({
          url: `${server.url}/api/polls/${POLL}/results`,
          connections: CONNECTIONS,
          seconds,
        })
        check(result.failed === 0, `${result.failed} requests failed`)
        check(result.bytes > result.succeeded * bytes.length, 'the answers were too short')
        return result.requestsPerSecond
      },
    })
    const measure = async (kept: string, service: RunningServer) => {
      const what = `GET results, snapshot in ${kept} ÷ fastify sending the same bytes`
      const sides = [asking('results', service), asking(`the same ${bytes.length} bytes`, bare)] as const
      const figure = await compare({ what, target: { atLeast: 0.8 }, unit: '' }, sides, rounds)
      check(bytes.equals(await resultsOf(service, small)), 'the results have changed meanwhile')
      return figure
    }
    const memory = await measure('memory', inMemory)
    await inMemory.stop()
    const redis = await startRedis(bench)
    const withRedis = await startService(bench, url, { REDIS_URL: redis.url })
    return [memory, await measure('Redis', withRedis)]
  },
}
