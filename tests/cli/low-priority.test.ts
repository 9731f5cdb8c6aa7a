import { execFile } from 'node:child_process'
import { getPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const file = fileURLToPath(new URL('../../src/threads/low-priority.ts', import.meta.url))

/** Starts a thread before it yields and one after, then tells the niceness of all, those of V8 and libuv included. */
const script = `
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import { yieldWhollyToOthers } from ${JSON.stringify(file)}
const start = async () => {
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
  await once(worker, 'online')
  return worker
}
const workers = [await start()]
yieldWhollyToOthers()
workers.push(await start())
console.log(JSON.stringify(readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))))
for (const worker of workers) await worker.terminate()
`

test('given a process that lets everybody go first, then so does every thread of it', async () => {
  const args = ['--input-type=module-typescript', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const nice: number[] = JSON.parse(stdout)
  expect(nice.length).toBeGreaterThan(6)
  expect(nice.filter((each) => each !== 19)).toEqual([])
})

const makeWay = fileURLToPath(new URL('../../src/cli/make-way.ts', import.meta.url))

/** Niceness and number of processors of a process that has made way for this. */
async function after(...args: readonly string[]): Promise<{ nice: number; processors: number }> {
  const told = `
    import { availableParallelism, getPriority } from 'node:os'
    import { makeWay } from ${JSON.stringify(makeWay)}
    makeWay(${JSON.stringify(args)})
    console.log(JSON.stringify({ nice: getPriority(), processors: availableParallelism() }))`
  const run = promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', told])
  return JSON.parse((await run).stdout)
}

test('given a replay, then it lets everybody go first and leaves half of the processors alone, but for what --jobs says', async () => {
  const usual = await after('results', 'us-federal')
  const all = usual.processors
  const half = all > 1 && process.platform === 'linux' ? Math.floor(all / 2) : all
  expect(usual.nice).toBe(getPriority())
  expect(await after('replay', 'us-federal')).toEqual({ nice: 19, processors: half })
  expect(await after('replay', 'us-federal', '--jobs', '2')).toEqual({ nice: 19, processors: all })
  expect(await after('replay', 'us-federal', '--jobs=2')).toEqual({ nice: 19, processors: all })
})
