import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, judge, type Measured, summarise } from '../harness.ts'
import type { ReplayResult } from '../processes/replay.ts'
import { repository, runCommand, runProcess } from '../processes.ts'
import { resultsOf } from '../results-of.ts'
import { startService } from '../servers.ts'
import { type SteadyLoad, steadyLoad } from '../steady-load.ts'
import { type Benchmark, query } from '../workbench.ts'

/** While a version is built, so much goes on, a second. */
const BESIDE = { reads: 200, submissions: 100 }
/** Each side of a pair, at least: enough readers for a 99th percentile. */
const AT_LEAST_MS = 10_000
/** A rebuild of a million takes a while: not more pairs than that. */
const MOST_ROUNDS = 3
const PATIENCE_MS = 900_000
/** Results are level with the log in a moment. */
const LEVEL_MS = 60_000

const models = ['category-aggregate', 'submissions'] as const
type Model = (typeof models)[number]

/** Of the rate of a replay, which writes nothing. */
const AT_LEAST = 0.5

interface Built {
  /** Events a second while it was filled: from the first to where the log ended when it began, with its indexes. */
  readonly filling: number
  /** From the beginning to the promotion, the comparison with a replay and all that came meanwhile included. */
  readonly whole: number
}

/** How fast a version is built while people vote and look, whether they notice, and whether anything is lost. */
export const rebuild: Benchmark = {
  name: 'rebuild',
  measure: async (bench) => {
    const { large } = bench.sizes
    const rounds = Math.min(bench.sizes.rounds, MOST_ROUNDS)
    const url = await bench.copyOf(await bench.seeded(large), 'rebuilt')
    const alone = summarise({ name: 'replay, alone', unit: 'events/s' }, await replayed(url, rounds, large))
    const service = await startService(bench, url)
    await resultsOf(service, large)
    const load = await steadyLoad(service.url, BESIDE)
    const beside = summarise(
      { name: 'replay, beside the same', unit: 'events/s' },
      await replayed(url, rounds, large),
    )
    const env = { DATABASE_URL: url, DATA_DIR: bench.folder }
    const built: Record<Model, Built[]> = { 'category-aggregate': [], submissions: [] }
    const waits: Record<Model, [beside: number, alone: number][]> = {
      'category-aggregate': [],
      submissions: [],
    }
    for (let round = 0; round < rounds; round++)
      for (const model of models) {
        const without = await p99While(load, () => sleep(AT_LEAST_MS))
        const during = await p99While(load, async () => {
          built[model].push(await build(url, env, model))
        })
        waits[model].push([during, without])
        bench.tell(`${model}: ${Math.round(built[model].at(-1)!.filling)} events/s`)
      }
    await load.stop()
    await resultsAre(service.url, large + load.acknowledged)
    await taxbudget(env, 'projections', 'verify')
    return models.flatMap((model) => figures(model, built[model], waits[model], [alone, beside]))
  },
}

function figures(
  model: Model,
  built: readonly Built[],
  waits: readonly (readonly [beside: number, alone: number])[],
  replays: readonly ReturnType<typeof summarise>[],
): Measured[] {
  const side = (name: string, unit: string, values: readonly number[]) => summarise({ name, unit }, values)
  const filling = built.map((each) => each.filling)
  return [
    ...replays.map((replay) =>
      judge(
        {
          what: `rebuild of ${model} beside ${BESIDE.reads} reads/s and ${BESIDE.submissions} submissions/s ÷ ${replay.name}`,
          target: { atLeast: AT_LEAST },
          unit: '',
        },
        filling.map((rate) => rate / replay.median),
        [
          side('filling', 'events/s', filling),
          replay,
          side(
            'until promoted',
            'events/s',
            built.map(({ whole }) => whole),
          ),
        ],
      ),
    ),
    judge(
      { what: `GET results beside a rebuild of ${model} ÷ without: p99`, target: { atMost: 1.5 }, unit: '' },
      waits.map(([beside, alone]) => beside / alone),
      [
        side(
          'beside a rebuild',
          'ms',
          waits.map(([beside]) => beside),
        ),
        side(
          'without',
          'ms',
          waits.map(([, alone]) => alone),
        ),
      ],
    ),
  ]
}

/** Events a second, of each round. */
async function replayed(url: string, rounds: number, atLeast: number): Promise<number[]> {
  const rates: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { events, milliseconds } = await runProcess<ReplayResult>('replay.ts', { DATABASE_URL: url })
    check(events > atLeast, `${events} events were replayed`)
    rates.push((events * 1000) / milliseconds)
  }
  return rates
}

async function p99While(load: SteadyLoad, work: () => Promise<void>): Promise<number> {
  load.takeWaits()
  await work()
  const waits = load.takeWaits().sort((a, b) => a - b)
  return waits[Math.ceil(waits.length * 0.99) - 1]!
}

interface Row {
  readonly [column: string]: string
}

/** Has the service build a version and promote it; then the one before is taken away. */
async function build(url: string, env: Readonly<Record<string, string>>, model: Model): Promise<Built> {
  const [{ head }] = (await query<Row>(url, 'select max(position) as head from event_places')) as [Row]
  await taxbudget(env, 'projections', 'rebuild', '--projection', model, '--promote', '--detach')
  const ask = async () => {
    const [row] = await query<Row>(
      url,
      `select p.position, b.phase, b.worked_at is not null as taken, b.failed, b.last_error
         from projection_builds b join projections p on p.name = b.projection and p.version = b.version
        where b.projection = '${model}'`,
    )
    check(row?.last_error == null, `the rebuild fails: ${row?.last_error}`)
    return row
  }
  const until = Date.now() + PATIENCE_MS
  let [begun, filled] = [0, 0]
  for (let row = await ask(); row; row = await ask()) {
    check(Date.now() < until, `the version is at position ${row.position} only`)
    if (begun === 0 && row.taken) begun = performance.now()
    const isFilled = row.phase !== 'filling' && BigInt(row.position!) >= BigInt(head!)
    if (filled === 0 && isFilled) filled = performance.now()
    await sleep(50)
  }
  const ended = performance.now()
  await taxbudget(env, 'projections', 'prune', '--projection', model, '--yes')
  const rate = (end: number) => (Number(head) * 1000) / (end - begun)
  return { filling: rate(filled || ended), whole: rate(ended) }
}

async function resultsAre(url: string, submissions: number): Promise<void> {
  for (const until = Date.now() + LEVEL_MS; ; await sleep(200)) {
    const response = await fetch(`${url}/api/polls/us-federal/results`)
    const { submissions: counts } = (await response.json()) as { submissions: { counted: number } }
    if (counts.counted === submissions) return
    check(Date.now() < until, `${counts.counted} submissions are counted, not ${submissions}`)
  }
}

const taxbudget = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  runCommand(process.execPath, [join(repository, 'src', 'cli', 'main.ts'), ...args], env)
