import { execFile } from 'node:child_process'
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
