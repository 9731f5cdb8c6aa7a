/** A minute of `npm run chaos`: everything is killed, paused and restarted, and what was acknowledged is counted once. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../project-files.ts'

const seed = randomBytes(4).toString('hex')
/** The run itself, and on a busy machine its start, its healing and its checks. */
const TIMEOUT_MS = 300_000

it(`a minute of chaos with seed ${seed} leaves every acknowledged command counted once`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const child = spawn(
    process.execPath,
    ['chaos/main.ts', '--minutes', '1', '--seed', seed, '--clients', '8', '--json'],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    // Ends everything that it has started, and then itself.
    child.kill('SIGTERM')
    await exited
  })
  const [output, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  expect(code, `${told}\n${output}`).toBe(0)
  const { commands, faults, readers, findings } = JSON.parse(output)
  expect(findings).toEqual([])
  expect(commands).toMatchObject({ acknowledged: commands.sent, unresolved: 0 })
  expect(commands.acknowledged).toBeGreaterThan(200)
  expect(faults.hits).toBeGreaterThan(15)
  expect(readers.positionsChecked).toBeGreaterThan(200)
})
