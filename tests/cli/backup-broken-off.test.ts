import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { execute } from '../support/stored-periods.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { endOf, runHere, startCli } from './command-line.ts'

/** Each run of the command line takes a second or more, milliseconds. */
const PATIENCE = 120_000

let cli: CliDatabase
let files: string
const here = (...args: readonly string[]) => runHere(args, cli.environment)
/** In a process of its own: it lets everybody else go first, and there is no way back from that. */
const apart = (...args: readonly string[]) => cli.run(...args)
const newDatabase = async () => {
  const database = await createCliDatabase()
  onTestFinished(() => database.drop())
  return database
}

beforeEach(async () => {
  cli = await createCliDatabase()
  files = cli.path('files')
  await mkdir(files)
})
afterEach(() => cli.drop())

const fill = async (submissions: number) => {
  await here('polls', 'open', 'polls/us-federal.json')
  const simulated = ['--submissions', `${submissions}`, '--direct', '--seed', '7']
  await here('simulate', 'us-federal', ...simulated)
}
const numbers = async (of: CliDatabase) => {
  const { tier: _, ...view } = JSON.parse(
    (await runHere(['results', 'us-federal', '--json'], of.environment)).stdout,
  )
  return view
}
const backUp = async (...args: readonly string[]) => {
  const ran = await apart('backup', ...args, '--json')
  return { ...ran, ...JSON.parse(ran.stdout) }
}
describe('taxbudget backup, broken off', { timeout: PATIENCE }, () => {
  test('given kill -9 at any moment of a backup, then no file looks whole, and the next one is', async () => {
    await fill(5000)
    for (const wait of [700, 1000, 1300]) {
      const child = startCli(['backup', files], cli.environment)
      setTimeout(() => child.kill('SIGKILL'), wait)
      await endOf(child)
      for (const name of await readdir(files))
        if (!name.endsWith('.part')) {
          expect((await here('restore', join(files, name), '--dry-run')).stderr).toContain(
            'has 5001 events already',
          )
          await rm(join(files, name))
        }
    }
    expect(await backUp(join(files, 'last'))).toMatchObject({ code: 0, events: 5001 })
    expect(await apart('backup', 'verify', join(files, 'last'))).toMatchObject({ code: 0 })
  })

  test('given kill -9 at any moment of a restore, then the log is empty or whole, and the next restore goes on', async () => {
    await fill(5000)
    const { file } = await backUp(files)
    const other = await newDatabase()
    for (const wait of [800, 1200, 1600]) {
      const child = startCli(['restore', file], other.environment)
      setTimeout(() => child.kill('SIGKILL'), wait)
      await endOf(child)
      const whole = async () => {
        const [{ count }] = (await execute(other.url, 'select count(*)::int from event_places')) as [
          { count: number },
        ]
        expect([0, 5001]).toContain(count)
        return count > 0
      }
      if (await whole()) break
    }
    const last = await runHere(['restore', file], other.environment)
    // It may have been whole already.
    if (last.code !== 0) expect(last.stderr).toContain('has 5001 events already')
    expect(await numbers(other)).toEqual(await numbers(cli))
  })

  test('given verify that was killed, when it is run again, then nothing of the first one is left', async () => {
    await fill(5000)
    const { file } = await backUp(files)
    const scratch = cli.path('scratch')
    await mkdir(scratch)
    const child = startCli(['backup', 'verify', file, '--scratch', scratch], cli.environment)
    const ended = endOf(child)
    await eventually(async () => expect(await readdir(scratch)).toHaveLength(1))
    const [left] = await readdir(scratch)
    await eventually(async () => {
      expect(await readFile(join(scratch, left!, 'postgres-port'), 'utf8')).toMatch(/^\d+$/)
    })
    child.kill('SIGKILL')
    await ended
    expect(await readdir(scratch)).toEqual([left])
    expect(await apart('backup', 'verify', file, '--scratch', scratch)).toMatchObject({ code: 0 })
    expect(await readdir(scratch)).toEqual([])
  })

  test('given Ctrl-C, then a backup, a restore and a verification stop, and nothing is left', async () => {
    await fill(5000)
    const { file } = await backUp(join(files, 'whole'))
    const other = await newDatabase()
    const scratch = cli.path('scratch')
    await mkdir(scratch)
    for (const [args, environment, message] of [
      [['backup', files], cli.environment, 'Stopped.'],
      [['restore', file], other.environment, 'Stopped.'],
      [['backup', 'verify', file, '--scratch', scratch], cli.environment, 'Stopped before the end'],
    ] as const) {
      const child = startCli(args, environment)
      setTimeout(() => child.kill('SIGINT'), 900)
      const { code, stderr } = await endOf(child)
      // It may have been quicker, or not have begun to listen.
      if (code === 1) expect(stderr).toContain(message)
    }
    expect((await readdir(files)).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(await readdir(scratch)).toEqual([])
  })
})
