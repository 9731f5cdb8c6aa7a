import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanEnvironment } from '../../tests/support/clean-environment.ts'
import { quietPort } from '../../tests/support/world/ports.ts'
import { check, judge } from '../harness.ts'
import { repository } from '../processes.ts'
import type { Benchmark, Workbench } from '../workbench.ts'

const PATIENCE_MS = 60_000
const ASK_EVERY_MS = 10

/** `npm start` as people type it, to the first page, when its data are there already. */
export const start: Benchmark = {
  name: 'start',
  measure: async (bench) => {
    const dataDir = join(bench.folder, 'start')
    const first = await startOnce(bench, dataDir)
    bench.tell(`the very first npm start took ${first.toFixed(1)} s`)
    const seconds: number[] = []
    while (seconds.length < bench.sizes.rounds) seconds.push(await startOnce(bench, dataDir))
    return [judge({ what: 'npm start to the first page', target: { atMost: 4 }, unit: 's' }, seconds)]
  },
}

/** Starts, waits for the first page, stops. @returns seconds to the page */
async function startOnce(bench: Workbench, dataDir: string): Promise<number> {
  const port = await quietPort()
  const started = performance.now()
  // In a process group of its own: npm, its shell and the service end together, as on Ctrl-C.
  const npm = spawn('npm', ['start'], {
    cwd: repository,
    env: cleanEnvironment({ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn' }),
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
  const exited = once(npm, 'exit')
  const stop = async () => {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid!, 'SIGTERM')
    await exited
    await checkStopped(dataDir)
  }
  bench.onEnd(stop)
  try {
    await firstPage(port, started + PATIENCE_MS)
    return (performance.now() - started) / 1000
  } finally {
    await stop()
  }
}

async function firstPage(port: number, deadline: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    const page = await response?.text()
    if (response?.status === 200 && page?.includes('</html>')) return
    check(performance.now() < deadline, 'npm start shows no page')
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS))
  }
}

/** npm may end before the service has: waits until PostgreSQL has taken its pid file away. */
async function checkStopped(dataDir: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const pidFile = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => undefined)
    if (pidFile === undefined) return
    if (performance.now() > deadline) {
      process.kill(Number(pidFile.split('\n', 1)[0]), 'SIGINT')
      throw new Error('PostgreSQL outlived npm start')
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
