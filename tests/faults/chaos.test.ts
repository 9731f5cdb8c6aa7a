/** `npm run chaos`: a minute of it, and that it leaves nothing behind. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../project-files.ts'

/** The run itself, and on a busy machine its start, its healing and its checks. */
const TIMEOUT_MS = 300_000

async function givenFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-chaos-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** @param folder for all that it writes */
function startChaos(options: readonly string[], folder: string) {
  const child = spawn(process.execPath, ['chaos/main.ts', ...options], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    // Ends everything that it has started, and then itself.
    child.kill('SIGTERM')
    await exited
  })
  return { child, exited }
}

const seed = randomBytes(4).toString('hex')

it(`a minute of chaos with seed ${seed} leaves every acknowledged command counted once`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const folder = await givenFolder()
  const options = ['--minutes', '1', '--seed', seed, '--clients', '8', '--json', '--keep']
  const { child, exited } = startChaos(options, folder)
  const [output, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  expect(code, `${told}\n${output}`).toBe(0)
  const { commands, faults, readers, findings } = JSON.parse(output)
  expect(findings).toEqual([])
  expect(commands).toMatchObject({ acknowledged: commands.sent, unresolved: 0 })
  expect(commands.acknowledged).toBeGreaterThan(50)
  expect(faults.hits).toBeGreaterThan(15)
  expect(readers.positionsChecked).toBeGreaterThan(50)
  const [evidence] = await readdir(folder)
  expect((await readdir(join(folder, evidence!))).sort()).toEqual([
    'ledger.ndjson',
    'logs',
    'plan.json',
    'submissions.json',
  ])
  const ledger = await readFile(join(folder, evidence!, 'ledger.ndjson'), 'utf8')
  expect(ledger.trim().split('\n')).toHaveLength(commands.sent)
})

it('a run that is broken off leaves no process and no file', { timeout: TIMEOUT_MS }, async () => {
  const folder = await givenFolder()
  const { child, exited } = startChaos(['--minutes', '5', '--log', 'eventstore'], folder)
  let told = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      told += chunk
      if (told.includes('everything runs')) resolve()
    })
    child.once('exit', () => reject(new Error(told)))
  })
  expect((await processesOf(folder)).length).toBeGreaterThan(8)
  child.kill('SIGINT')
  expect(await exited).toEqual([130, null])
  expect(await processesOf(folder)).toEqual([])
  expect(await readdir(folder)).toEqual([])
})

/** Whoever was started with this folder for temporary files. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const environments = pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''))
  const found = await Promise.all(environments)
  return pids.filter((_, index) => found[index]!.includes(`TMPDIR=${folder}`))
}
