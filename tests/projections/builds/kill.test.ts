/** What has been committed is kept, and nothing is counted twice, wherever the builder is killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { buildableNames } from '../../../src/projections/builds/read-models.ts'
import { eventually } from '../../support/eventually.ts'
import { actions, tell } from '../../support/history.ts'
import { openWorkshop, rowsOf } from './workshop.ts'

const KILLS = 20
const program = join(import.meta.dirname, 'builder-process.ts')

it('ends with the right rows when the builder is killed twenty times', { timeout: 180_000 }, async () => {
  const seed = Date.now() % 2 ** 31
  const shop = await openWorkshop()
  onTestFinished(() => shop.close())
  const acts = fc.sample(actions({ minLength: 350, maxLength: 350 }), { numRuns: 1, seed })[0]!
  await shop.write(tell(acts))
  await shop.project()
  const points = fc.sample(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 25 })), { numRuns: KILLS, seed })
  try {
    const reached = new Set<string>()
    for (const [lines, delay] of points) {
      await somethingToDo(shop)
      for (const line of await killedAfter(shop.url, lines, delay)) reached.add(line)
    }
    await somethingToDo(shop)
    const last = start(shop.url)
    await eventually(async () => {
      const versions = await shop.operations.list()
      expect(versions.filter(({ status }) => status === 'building')).toEqual([])
    }, 60_000)
    await end(last.child)
    const versions = await shop.operations.list()
    for (const name of buildableNames) {
      const live = versions.find(({ projection, status }) => projection === name && status === 'live')!
      expect(live.version).toBeGreaterThan(1)
      expect(await rowsOf(shop.url, name, live.version)).toEqual(await rowsOf(shop.url, name, 1))
      // It was at work when it was killed, and not always at the beginning.
      expect([...reached]).toEqual(expect.arrayContaining([`${name} prepare`, `${name} commit`]))
    }
  } catch (error) {
    throw new Error(`with seed ${seed}`, { cause: error })
  }
})

/** Whatever has been promoted is built once more. */
async function somethingToDo({ operations }: Awaited<ReturnType<typeof openWorkshop>>): Promise<void> {
  const versions = await operations.list()
  for (const name of buildableNames)
    if (!versions.some(({ projection, status }) => projection === name && status === 'building'))
      await operations.rebuild(name, { by: 'test', promote: true })
}

function start(databaseUrl: string) {
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, lines: createInterface({ input: child.stdout }) }
}

/** @param lines so many things it has said, @param delay and so many milliseconds later it is killed @returns what it said */
async function killedAfter(databaseUrl: string, lines: number, delay: number): Promise<string[]> {
  const { child, lines: output } = start(databaseUrl)
  const said: string[] = []
  for await (const line of output) {
    expect(line).not.toMatch(/^(failed|differs)/)
    if (said.push(line) <= lines && !line.startsWith('promoted')) continue
    await sleep(delay)
    break
  }
  await end(child)
  return said
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  else return
  await ended
}
