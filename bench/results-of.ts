import { check } from './harness.ts'
import { POLL } from './seed.ts'
import type { RunningServer } from './servers.ts'

const PATIENCE_MS = 10_000

/** The answer from the snapshot, once there is one, checked against what was submitted. */
export async function resultsOf({ url }: RunningServer, submissions: number): Promise<Buffer> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const response = await fetch(`${url}/api/polls/${POLL}/results`)
    check(response.status === 200, `results answer ${response.status}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    const { tier, submissions: counts } = JSON.parse(bytes.toString())
    check(counts.counted === submissions, `${counts.counted} submissions are counted, not ${submissions}`)
    // Right after the start an answer may come from the projection, and is kept for a moment: wait it out.
    if (tier === 'snapshot') return bytes
    check(Date.now() < deadline, `the answers come from the ${tier}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
