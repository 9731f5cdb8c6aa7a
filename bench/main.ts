/** `npm run bench`: measures the figures that this program promises, each as a ratio within one run. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { archive } from './figures/archive.ts'
import { bus } from './figures/bus.ts'
import { durableAppends } from './figures/durable-appends.ts'
import { exports } from './figures/exports.ts'
import { independentMarkets } from './figures/independent-markets.ts'
import { latency } from './figures/latency.ts'
import { past, replayBeside } from './figures/past.ts'
import { projector } from './figures/projector.ts'
import { rebuild } from './figures/rebuild.ts'
import { redisSilent } from './figures/redis-silent.ts'
import { replay } from './figures/replay.ts'
import { results } from './figures/results.ts'
import { sockets } from './figures/sockets.ts'
import { start } from './figures/start.ts'
import { submissionRows } from './figures/submission-rows.ts'
import { submissions } from './figures/submissions.ts'
import { trends } from './figures/trends.ts'
import { visibility } from './figures/visibility.ts'
import { weights } from './figures/weights.ts'
import type { Measured } from './harness.ts'
import { stopAll } from './processes.ts'
import { figuresJson, figuresTable } from './report.ts'
import { type Benchmark, full, quick, Workbench } from './workbench.ts'

const benchmarks: readonly Benchmark[] = [
  durableAppends,
  submissions,
  results,
  trends,
  latency,
  visibility,
  sockets,
  redisSilent,
  replay,
  exports,
  past,
  replayBeside,
  rebuild,
  archive,
  projector,
  bus,
  submissionRows,
  independentMarkets,
  start,
  weights,
]
const names = benchmarks.map(({ name }) => name)

const HELP = `npm run bench -- [options]

  --only NAME    measures only this group, repeatable: ${names.join(', ')}
  --quick        smaller and shorter: shows that it works, not how fast
  --json         JSON instead of the table
  --out FILE     JSON into a file, besides
  --strict       exit code 1 if a figure is missed
`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    strict: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const tell = (message: string) => console.error(`${new Date().toISOString().slice(11, 19)}  ${message}`)

async function measure(chosen: readonly Benchmark[], endings: AsyncDisposableStack): Promise<Measured[]> {
  const bench = await Workbench.open(options.quick ? quick : full, endings, tell)
  const figures: Measured[] = []
  for (const { name, measure } of chosen) {
    tell(`measuring ${name}`)
    figures.push(...(await measure(bench)))
    await bench.endGroup()
  }
  return figures
}

/** Ends everything that was started, also when a signal breaks it off. */
async function measureAndCleanUp(chosen: readonly Benchmark[]): Promise<Measured[]> {
  const endings = new AsyncDisposableStack()
  const cleanUp = async () => {
    await stopAll()
    await endings.disposeAsync()
  }
  const broken = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  const figures = measure(chosen, endings)
  // What is under way fails when its servers are taken away: that is no news then.
  figures.catch(() => {})
  const signal = await Promise.race([broken, figures.then(() => undefined)]).finally(cleanUp)
  if (signal === undefined) return await figures
  tell(`stopped by ${signal}`)
  process.exit(130)
}

async function main(): Promise<void> {
  if (options.help) return console.log(HELP)
  const unknown = options.only.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    console.error(`There is no group "${unknown}".\n\n${HELP}`)
    process.exitCode = 2
    return
  }
  const chosen = benchmarks.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
  const figures = await measureAndCleanUp(chosen)
  const json = await figuresJson(figures, options.quick ? quick : full)
  if (options.out !== undefined) await writeFile(options.out, `${json}\n`)
  console.log(options.json ? json : figuresTable(figures))
  if (options.strict && figures.some(({ met }) => !met)) process.exitCode = 1
}

await main()
