import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestService } from '../support/service.ts'
import { execute } from '../support/stored-periods.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { runCli, runHere } from './command-line.ts'

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
const records = () =>
  execute(cli.url, 'select file, sha256, position, made_at is not null as made, verified, error from backups')

describe('taxbudget backup', { timeout: PATIENCE }, () => {
  test('given submissions, when backed up, verified and restored elsewhere, then the results are the same', async () => {
    await fill(500)
    const made = await backUp(files)
    expect(made).toMatchObject({ code: 0, events: 501, position: '501', polls: 1, differ: [] })
    expect(made.file).toMatch(/files\/taxbudget-\d{8}T\d{6}Z-p501\.ndjson\.zst$/)
    expect(await readdir(files)).toHaveLength(1)

    const verified = await apart('backup', 'verify', made.file)
    expect(verified).toMatchObject({ code: 0, stdout: 'us-federal: 500 counted, the same as published\n' })
    expect(verified.stderr).toContain('The backup is good.')
    expect(await records()).toEqual([
      { file: made.file, sha256: made.sha256, position: '501', made: true, verified: true, error: null },
    ])

    const other = await newDatabase()
    const rehearsed = await runHere(['restore', made.file, '--dry-run'], other.environment)
    expect(rehearsed.stdout).toContain('501 events up to position 501')
    expect(await execute(other.url, 'select count(*)::int from events')).toEqual([{ count: 0 }])
    const restored = await runHere(['restore', made.file], other.environment)
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(await numbers(other)).toEqual(await numbers(cli))
    expect((await runHere(['projections', 'verify'], other.environment)).code).toBe(0)

    const again = await runHere(['restore', made.file], other.environment)
    expect(again).toMatchObject({ code: 1, stdout: '' })
    expect(again.stderr).toBe(
      'The event log of this database has 501 events already: restore into a new, empty database.\n',
    )
  })

  test('given a damaged file, then verify says so and writes it down, and restore leaves the database empty', async () => {
    await fill(50)
    const { file } = await backUp(files)
    const bytes = await readFile(file)
    bytes[200] = bytes[200]! ^ 1
    await writeFile(file, bytes)
    const verified = await apart('backup', 'verify', file)
    expect(verified.code).toBe(1)
    expect(verified.stderr).toMatch(
      / cannot be used: it is damaged between the bytes \d+ and \d+ \(events\)\.\n$/,
    )
    expect(await records()).toMatchObject([{ made: true, verified: false, error: verified.stderr.trim() }])
    const other = await newDatabase()
    const restored = await runHere(['restore', file], other.environment)
    expect(restored).toMatchObject({ code: 1, stdout: '', stderr: verified.stderr })
    expect(await execute(other.url, 'select count(*)::int from event_places')).toEqual([{ count: 0 }])
  })

  test('given what is no backup, then verify says so in a sentence, and nothing is written down', async () => {
    await fill(5)
    const [text, empty] = [join(files, 'notes.txt'), join(files, 'empty')]
    await writeFile(text, 'Remember the milk.\n'.repeat(100))
    await writeFile(empty, '')
    for (const [path, why] of [
      [files, 'it is a folder'],
      [text, 'it is no backup of this program'],
      [empty, 'it is empty'],
    ]) {
      const { code, stderr } = await apart('backup', 'verify', path!)
      expect({ code, stderr }).toEqual({ code: 1, stderr: `${path} cannot be used: ${why}.\n` })
    }
    expect((await apart('backup', 'verify', join(files, 'nothing'))).stderr).toMatch(/^There is no such file/)
    expect(await records()).toEqual([])
    // A file that was a backup is one that is lost.
    const { file } = await backUp(files)
    await writeFile(file, '')
    await apart('backup', 'verify', file)
    expect(await records()).toMatchObject([
      { file, verified: false, error: `${file} cannot be used: it is empty.` },
    ])
  })

  test('given results that somebody changed, then the backup is made, and it is told that they differ', async () => {
    await fill(20)
    await numbers(cli)
    await execute(cli.url, 'update poll_aggregates set excluded = 3')
    const { code, stderr, differ } = await backUp(files)
    expect({ code, differ }).toEqual({ code: 1, differ: ['us-federal'] })
    expect(stderr).toContain(
      'The file is whole, but the results that are served of us-federal are not what the log gives',
    )
  })

  test('given many backups, when some are to be kept, then the oldest of this log go, and nothing else', async () => {
    const foreign = join(files, 'taxbudget-20200101T000000Z-p1.ndjson.zst')
    await writeFile(foreign, 'something else')
    await writeFile(join(files, 'notes.txt'), 'mine')
    await fill(1)
    const made: string[] = []
    for (const submissions of [1, 2, 3]) {
      await here('simulate', 'us-federal', '--submissions', `${submissions}`, '--direct')
      made.push((await backUp(files)).file)
    }
    await here('simulate', 'us-federal', '--submissions', '1', '--direct')
    const last = await backUp(files, '--keep', '2')
    expect(last).toMatchObject({ code: 0, removed: [made[1], made[0]], unreadable: [foreign] })
    const left = [foreign, join(files, 'notes.txt'), made[2], last.file].map((path) => path.split('/').at(-1))
    expect((await readdir(files)).sort()).toEqual(left.sort())
  })

  test.each([
    [['backup', '--keep', '0'], '--keep must be a number from 1 to 99999, not 0.'],
    [['backup', 'FILE', '--keep', '2'], '--keep needs a folder'],
    [['restore'], 'FILE is missing.'],
  ])('given %j, then it says what is wrong', async (args, message) => {
    const { code, stderr } = await here(...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) })
  })

  test('given a file that is there, or a folder that is not, then nothing is overwritten or made up', async () => {
    const path = join(files, 'mine')
    await writeFile(path, 'mine')
    expect((await here('backup', path)).stderr).toContain(`${path} is there already.`)
    expect(await readFile(path, 'utf8')).toBe('mine')
    expect((await here('backup', join(files, 'none', 'file'))).stderr).toContain(
      'There is no such file or folder',
    )
  })

  test('given submissions that arrive meanwhile, then the backup is of one moment, and good', async () => {
    const service = await startTestService()
    const environment = { DATABASE_URL: service.config.databaseUrl!, DATA_DIR: service.config.dataDir }
    try {
      await runHere(['simulate', 'us-federal', '--submissions', '2000', '--direct'], environment)
      let going = true
      let accepted = 0
      const submitting = (async () => {
        while (going) {
          const response = await fetch(`${service.url}/api/polls/us-federal/submissions`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ allocation: { health: 10_000 } }),
          })
          if (response.status === 201) accepted++
        }
      })()
      const made = JSON.parse((await runCli(['backup', '--json'], environment)).stdout)
      await eventually(async () => expect(accepted).toBeGreaterThan(10))
      going = false
      await submitting
      expect(made.events).toBe(Number(made.position))
      expect(made.events).toBeGreaterThanOrEqual(2001)
      expect(await runCli(['backup', 'verify', made.file], environment)).toMatchObject({ code: 0 })
    } finally {
      await service.close()
    }
  })
})
