/** `npm run loadtest`: people who come at a given rate, whether or not the service keeps up, and what they have to wait. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Running, repository, start } from '../bench/processes.ts'
import { HELP, type LoadOptions, Misuse, readOptions } from './options.ts'
import type { LoadReport } from './report.ts'
import { reportText } from './report-text.ts'
import { type LoadTarget, run } from './run.ts'
import { WrongAnswer } from './visitors.ts'

const tell = (message: string) => console.error(`${new Date().toISOString().slice(11, 19)}  ${message}`)

/** The service that is asked for, or one of our own: a process of its own with everything embedded. */
async function open({ url }: LoadOptions, endings: AsyncDisposableStack): Promise<LoadTarget> {
  if (url !== undefined) return { url, isOurs: false }
  tell('starting the service')
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-loadtest-'))
  endings.defer(() => rm(folder, { recursive: true, force: true }))
  const service: Running = await start({
    command: process.execPath,
    args: [join(repository, 'src', 'main.ts')],
    env: { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' },
    ready: /listens on http:\/\/localhost:(\d+)/,
  })
  endings.defer(() => service.stop())
  return { url: `http://127.0.0.1:${service.said}`, isOurs: true }
}

/** Ends everything that was started, also when a signal breaks it off. */
async function measure(options: LoadOptions): Promise<LoadReport> {
  const endings = new AsyncDisposableStack()
  const broken = new AbortController()
  // Pressed twice, Ctrl-C still waits: what is not ended here would go on for ever.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => broken.abort())
  try {
    const target = await open(options, endings)
    return await run(options, target, { tell, signal: broken.signal })
  } catch (error) {
    if (!broken.signal.aborted) throw error
    tell('stopped')
    await endings.disposeAsync()
    process.exit(130)
  } finally {
    await endings.disposeAsync()
  }
}

/** Whole or not at all: `doctor` reads it. */
async function keep(report: LoadReport, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.part`, `${JSON.stringify(report, undefined, 2)}\n`)
  await rename(`${file}.part`, file)
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), randomBytes(4).toString('hex'))
  if (!options) return console.log(HELP)
  tell(`seed ${options.seed}`)
  const report = await measure(options)
  await keep(report, options.out ?? join(process.env.DATA_DIR || '.data', 'loadtest.json'))
  console.log(options.json ? JSON.stringify(report, undefined, 2) : reportText(report))
  process.exitCode = report.met ? 0 : 1
}

main().catch((error: Error) => {
  const misused = error instanceof Misuse
  console.error(
    misused ? `${error.message}\n\n${HELP}` : error instanceof WrongAnswer ? error.message : error,
  )
  process.exitCode = misused ? 2 : 1
})
