import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, compare, type Figure, judge, type Side, summarise } from '../harness.ts'
import { Probe } from '../probe.ts'
import { repository, runCommand } from '../processes.ts'
import { resultsOf } from '../results-of.ts'
import { POLL } from '../seed.ts'
import { OPERATOR_TOKEN, type RunningServer, startService } from '../servers.ts'
import { type Benchmark, query, type Workbench } from '../workbench.ts'

/** Questions about different positions in a block: none is remembered. */
const BLOCK = 5
const KEEPING_MS = 300_000
/** States stay behind the log by this much. */
const BEHIND = 20_000n

/** What a position in the middle costs from the stored states, beside a replay of the log up to it. */
export const past: Benchmark = {
  name: 'past',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const url = await bench.seeded(large)
    const service = await startService(bench, url)
    await statesKept(url, BigInt(large) + 1n)
    const ask = asking(service, large)
    const side = (name: string, run: () => Promise<number>): Side => ({ name, unit: 'ms', run })
    const figure: Figure = {
      what: `GET results?position in the middle of ${large}: full replay ÷ stored states`,
      target: { atLeast: 5 },
      unit: '',
    }
    return [
      await compare(
        figure,
        [side('full replay', () => ask(1, '&tier=replay')), side('from stored states', () => ask(BLOCK, ''))],
        rounds,
      ),
    ]
  },
}

/** The median of some answers, each about another position around the middle. */
function asking({ url }: RunningServer, submissions: number) {
  let asked = 0
  return async (times: number, more: string): Promise<number> => {
    const taken: number[] = []
    for (let n = 0; n < times; n++) {
      const position = Math.floor(submissions / 2) + ((asked++ * 1237) % (submissions >> 2))
      const address = `${url}/api/polls/${POLL}/results?position=${position}${more}`
      const probe = await Probe.open(address, { authorization: `Bearer ${OPERATOR_TOKEN}` })
      const { status, body, milliseconds } = await probe.ask()
      probe.close()
      check(status === 200, `the past answers ${status}`)
      const { submissions: counts } = JSON.parse(body.toString())
      check(counts.counted === position - 1, `${counts.counted} are counted at position ${position}`)
      taken.push(milliseconds)
    }
    return summarise({ name: '', unit: '' }, taken).median
  }
}

async function statesKept(databaseUrl: string, head: bigint): Promise<void> {
  for (const deadline = Date.now() + KEEPING_MS; ; await sleep(250)) {
    const [row] = await query<{ position: string }>(
      databaseUrl,
      'select coalesce(max(position), 0) as position from poll_state_boundaries',
    )
    if (BigInt(row!.position) + BEHIND > head) return
    check(Date.now() < deadline, `the states are kept up to ${row!.position} only`)
  }
}

const ASKED_A_ROUND = 400
/** Answers are shared by all who ask within ten milliseconds: each of ours shall be asked for anew. */
const PAUSE_MS = 12

/** Whether anybody who reads the results notices a replay by hand on the same machine. */
export const replayBeside: Benchmark = {
  name: 'replay-beside',
  measure: async (bench) => {
    const { large, rounds } = bench.sizes
    const url = await bench.seeded(large)
    const service = await startService(bench, url)
    await resultsOf(service, large)
    await statesKept(url, BigInt(large) + 1n)
    const probe = await Probe.open(`${service.url}/api/polls/${POLL}/results`)
    try {
      const pairs: [number, number][] = []
      for (let round = 0; round <= rounds; round++) {
        const alone = await worst(probe)
        const beside = await whileReplaying(bench, url, large, () => worst(probe))
        if (round > 0) pairs.push([beside, alone])
      }
      const side = (name: string, index: 0 | 1) =>
        summarise(
          { name, unit: 'ms' },
          pairs.map((pair) => pair[index]),
        )
      return [
        judge(
          { what: 'GET results beside `taxbudget replay` ÷ alone: p99', target: { atMost: 1.5 }, unit: '' },
          pairs.map(([beside, alone]) => beside / alone),
          [side('beside a replay', 0), side('alone', 1)],
        ),
      ]
    } finally {
      probe.close()
    }
  },
}

/** The 99th percentile of the answers to one who asks, milliseconds. */
async function worst(probe: Probe): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < ASKED_A_ROUND; n++) {
    const { status, milliseconds } = await probe.ask()
    check(status === 200, `results answer ${status}`)
    times.push(milliseconds)
    await sleep(PAUSE_MS)
  }
  return times.sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]!
}

/** Replay after replay, for as long as it is measured; the first one is under way when that begins. */
async function whileReplaying(
  { folder }: Workbench,
  databaseUrl: string,
  submissions: number,
  measure: () => Promise<number>,
): Promise<number> {
  let measuring = true
  const progress = join(folder, 'beside.ndjson')
  const replaying = async () => {
    const main = join(repository, 'src', 'cli', 'main.ts')
    while (measuring) {
      const env = { DATABASE_URL: databaseUrl, DATA_DIR: folder }
      const args = [main, 'replay', POLL, '--json', '--resume', progress]
      const { submissions: counts } = JSON.parse(await runCommand(process.execPath, args, env))
      check(counts.counted === submissions, `the replay counts ${counts.counted}`)
    }
  }
  const replays = replaying()
  while (!existsSync(progress)) await sleep(5)
  const measured = await measure()
  measuring = false
  await replays
  return measured
}
