/** Load where wrk is not installed. */
import { readFile } from 'node:fs/promises'
import autocannon from 'autocannon'
import type { LoadResult } from '../load.ts'

const { URL: url, CONNECTIONS, SECONDS, BODIES } = process.env
const bodies = BODIES === undefined ? [] : (await readFile(BODIES, 'utf8')).trimEnd().split('\n')
const result = await autocannon({
  url: url!,
  connections: Number(CONNECTIONS),
  duration: Number(SECONDS),
  ...(bodies.length > 0 && {
    requests: bodies.map((body) => ({
      method: 'POST' as const,
      headers: { 'content-type': 'application/json' },
      body,
    })),
  }),
})
const answer: LoadResult = {
  requestsPerSecond: (result['2xx'] + result.non2xx) / result.duration,
  succeeded: result['2xx'],
  failed: result.non2xx + result.errors + result.timeouts,
  bytes: result.throughput.total,
}
console.log(JSON.stringify(answer))
