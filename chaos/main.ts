/** `npm run chaos`: clients that keep a ledger, while everything is killed, paused and started again at random. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { reportText } from './report-text.ts'
import { type Run, type RunOptions, run } from './run.ts'

const HELP = `npm run chaos -- [options]

  --minutes M    how long (10)
  --seed S       the same seed, length and log give the same plan (random, and told)
  --log NAME     the event log: postgres (default) or eventstore
  --clients N    how many submit at once (12)
  --keep         keep logs, ledger and plan, whatever is found
  --json         JSON instead of the table

Exit code 0 if every acknowledged command is counted exactly once, nobody has seen the results go back, and all tiers
are equal; else 1, and logs, ledger and plan are kept.
`

const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    log: { type: 'string', default: 'postgres' },
    clients: { type: 'string', default: '12' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const tell = (message: string) => console.error(`${new Date().toISOString().slice(11, 23)}  ${message}`)

function readOptions(folder: string): RunOptions | undefined {
  const { log, seed } = given
  const [minutes, clients] = [Number(given.minutes), Number(given.clients)]
  const right = minutes > 0 && minutes <= 10_000 && Number.isInteger(clients) && clients > 0
  if (!right || (log !== 'postgres' && log !== 'eventstore')) return undefined
  return { minutes, clients, seed, log, folder, tell }
}

/** Ends everything that was started, also when a signal breaks it off. */
async function runAndCleanUp(options: RunOptions): Promise<Run> {
  const endings = new AsyncDisposableStack()
  const broken = new Promise<NodeJS.Signals>((resolve) => {
    // Pressed twice, Ctrl-C still waits: what is not ended here would go on for ever.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, resolve)
  })
  const running = run(options, endings)
  // What is under way fails when its servers are taken away: that is no news then.
  running.catch(() => {})
  const signal = await Promise.race([broken, running.then(() => undefined)]).finally(() =>
    endings.disposeAsync(),
  )
  if (signal === undefined) return await running
  await rm(options.folder, { recursive: true, force: true })
  tell(`stopped by ${signal}`)
  process.exit(130)
}

async function keepEvidence({ plan, ledger }: Run, { folder }: RunOptions): Promise<void> {
  await rm(join(folder, 'data'), { recursive: true, force: true })
  await writeFile(join(folder, 'plan.json'), JSON.stringify(plan, undefined, 2))
  const lines = ledger.commands.map(({ submission, ...command }) =>
    JSON.stringify({ ...command, ...(submission && { submission: submission.id }) }),
  )
  await writeFile(join(folder, 'ledger.ndjson'), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'submissions.json'), JSON.stringify(ledger.submissions))
  tell(`the evidence is in ${folder}`)
}

async function main(): Promise<void> {
  if (given.help) return console.log(HELP)
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-chaos-'))
  const options = readOptions(folder)
  if (!options) {
    await rm(folder, { recursive: true })
    console.error(`These options are not right.\n\n${HELP}`)
    process.exitCode = 2
    return
  }
  tell(`seed ${options.seed}`)
  const finished = await runAndCleanUp(options).catch((error) => {
    tell(`broken off; the logs are in ${folder}`)
    throw error
  })
  const { report } = finished
  console.log(given.json ? JSON.stringify(report, undefined, 2) : reportText(report))
  if (report.findings.length > 0) process.exitCode = 1
  if (report.findings.length > 0 || given.keep) await keepEvidence(finished, options)
  else await rm(folder, { recursive: true, force: true })
}

await main()
