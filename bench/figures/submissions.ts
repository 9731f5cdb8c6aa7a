import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../../src/cli/simulate/random.ts'
import { simulateAllocation } from '../../src/cli/simulate/simulate-allocation.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { check, compare, type Side } from '../harness.ts'
import { load } from '../load.ts'
import { POLL, pollDefinition } from '../seed.ts'
import { type RunningServer, startBareServer, startEchoServer, startService } from '../servers.ts'
import { type Benchmark, query, type Workbench } from '../workbench.ts'

const CONNECTIONS = 200
const DIFFERENT = 1000

/** What validating, storing durably and projecting a submission costs beside HTTP and JSON alone. */
export const submissions: Benchmark = {
  name: 'submissions',
  measure: async (bench) => {
    const { rounds, seconds } = bench.sizes
    const url = await bench.database('submissions')
    const service = await startService(bench, url)
    const [same, bare] = [await startEchoServer(bench), await startBareServer(bench, Buffer.of())]
    const bodies = await writeBodies(bench)
    let accepted = 0
    const posting = (name: string, address: string, onAccepted = (_: number) => {}): Side => ({
      name,
      unit: 'req/s',
      run: async () => {
        const result = await load({
          url: `${address}/polls/${POLL}/submissions`,
          connections: CONNECTIONS,
          seconds,
          bodies,
        })
        check(result.failed === 0 && result.succeeded > 0, `${result.failed} submissions failed`)
        onAccepted(result.succeeded)
        return result.requestsPerSecond
      },
    })
    const submitting = posting(`submissions, ${CONNECTIONS} connections`, `${service.url}/api`, (count) => {
      accepted += count
    })
    const figures = [
      await compare(
        { what: 'POST submissions ÷ the same fastify echoing', target: { atLeast: 0.4 }, unit: '' },
        [submitting, posting('the same JSON echoed', `${same.url}/echo`)],
        rounds,
      ),
      // Not promised: a fastify without our reading of JSON, logs and error handlers.
      await compare(
        { what: 'POST submissions ÷ a bare fastify echoing', target: { atLeast: 0 }, unit: '' },
        [submitting, posting('the same JSON echoed, bare', `${bare.url}/api`)],
        rounds,
      ),
    ]
    await checkCounted(service, url, accepted, 2 * (rounds + 1) * CONNECTIONS)
    return figures
  },
}

async function writeBodies(bench: Workbench): Promise<string> {
  const definition = await pollDefinition()
  const lines = Array.from({ length: DIFFERENT }, (_, index) =>
    JSON.stringify({ allocation: simulateAllocation(definition, seededRandom(`post-${index}`)) }),
  )
  const file = join(bench.folder, 'bodies.ndjson')
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

const PATIENCE_MS = 30_000

/**
 * Everything acknowledged is in the log and counted, and nothing else.
 * @param unheard answers that the load generator may not have waited for
 */
async function checkCounted({ url }: RunningServer, databaseUrl: string, accepted: number, unheard: number) {
  const [row] = await query<{ stored: string }>(
    databaseUrl,
    "select count(*) as stored from events where type = 'AllocationSubmitted'",
  )
  const stored = Number(row?.stored)
  check(
    stored >= accepted && stored <= accepted + unheard,
    `${accepted} submissions were acknowledged, but ${stored} are stored`,
  )
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`${url}/api/polls/${POLL}/results`)
    const { submissions, categories } = (await response.json()) as ResultsView
    if (submissions.counted === stored) {
      const sum = categories.reduce((total, category) => total + category.sum, 0)
      return check(sum === stored * 10_000, `${stored} submissions sum to ${sum} basis points`)
    }
    check(Date.now() < deadline, `${stored} submissions are stored, but ${submissions.counted} counted`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
