import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NO_STREAM, type RecordedEvent, START } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { startLogAt } from '../support/start-log-at.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { startCli } from './command-line.ts'

let cli: CliDatabase

/** January to March 2025 with so many events each, and nothing since. */
const history = async (events: number): Promise<void> => {
  for (const month of [0, 1, 2]) {
    const log = open(() => new Date(Date.UTC(2025, month, 10)))
    const data = { month, filler: 'x'.repeat(200) }
    for (let done = 0; done < events; done += 500) {
      const batch = Array.from({ length: Math.min(500, events - done) }, () => ({
        id: randomUUID(),
        type: 'Tested',
        schemaVersion: 1,
        data,
      }))
      await log.append(`of-${month}-${done}`, batch, NO_STREAM)
    }
    await log.close()
  }
}
const open = (now?: () => Date) =>
  new PostgresEventLog({ databaseUrl: cli.url, archiveDir: cli.path('archive'), ...(now && { now }) })

/** As a projector would that has seen so much. */
const projectedUpTo = (position: number) =>
  onDatabase(`update projections set position = ${position} where status = 'live'`)

async function onDatabase(statement: string) {
  const client = new pg.Client(cli.url)
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

async function readAll(): Promise<Omit<RecordedEvent, 'data'>[]> {
  const log = open()
  const events = []
  for await (const batch of log.readAll({ after: START }))
    for (const { position, stream, revision, id, recordedAt } of batch)
      events.push({ position, stream, revision, id, recordedAt })
  await log.close()
  return events as unknown as Omit<RecordedEvent, 'data'>[]
}

const json = async (...args: string[]) => {
  const ran = await cli.run('archive', ...args, '--json')
  return { ...ran, ...JSON.parse(ran.stdout) }
}

beforeEach(async () => {
  cli = await createCliDatabase()
  await startLogAt(cli.url, '2025-01-01')
})
afterEach(() => cli.drop())

describe('taxbudget archive', () => {
  test('given past months, when archived and dropped, then the files are there, the tables are gone, all is read', async () => {
    await history(5)
    await projectedUpTo(15)
    const before = await readAll()

    const rehearsed = await cli.run('archive', '--dry-run', '--drop')
    expect(rehearsed).toMatchObject({ code: 0, stderr: '' })
    expect(rehearsed.stdout).toMatch(
      /2025-01 +5 +1–5 +\d+ kB +to archive, to drop\n2025-02 +5 +6–10 .*\n2025-03 +5 +11–15/,
    )
    await expect(readdir(cli.path('archive'))).rejects.toThrow('ENOENT')

    const archived = await json('--before', '2025-02')
    expect(archived).toMatchObject({ code: 0, stderr: 'archived 2025-01\n', folder: cli.path('archive') })
    expect(archived.months).toMatchObject([
      { month: '2025-01', events: 5, first: '1', until: '5', dropped: false },
    ])
    const [{ archive }] = archived.months
    const bytes = await readFile(join(archived.folder, archive.file))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(archive.sha256)
    expect(bytes.length).toBe(archive.bytes)
    expect(JSON.parse(await readFile(join(archived.folder, `${archive.file}.json`), 'utf8'))).toMatchObject({
      sha256: archive.sha256,
      events: 5,
      first: '1',
      last: '5',
    })

    // Nobody to ask: nothing is dropped.
    expect((await cli.run('archive', '--drop')).code).toBe(2)
    const { code, stderr, months } = await json('--drop', '--yes')
    expect(code).toBe(0)
    expect(stderr.split('\n')).toEqual([
      'dropped 2025-01',
      'archived 2025-02',
      'dropped 2025-02',
      'archived 2025-03',
      'dropped 2025-03',
      '',
    ])
    expect(months.map(({ dropped, size }: { dropped: boolean; size: number }) => [dropped, size])).toEqual([
      [true, 0],
      [true, 0],
      [true, 0],
      // The month that is written since March was closed.
      [false, expect.any(Number)],
    ])
    expect(await onDatabase('select count(*)::int as count from events')).toEqual([{ count: 0 }])
    expect(await readAll()).toEqual(before)
    expect(await json('--drop', '--yes')).toMatchObject({ code: 0, stderr: '' })

    const archives = async (...args: string[]) => {
      const { checks } = JSON.parse((await cli.run('doctor', '--json', ...args)).stdout)
      return checks.filter(({ name }: { name: string }) => name.startsWith('archives'))
    }
    expect(await archives()).toMatchObject([{ name: 'archives', status: 'fine', actual: '3 files' }])
    await rm(join(archived.folder, archive.file))
    const missing = { status: 'failed', actual: expect.stringMatching(/^2025-01: .*\.parquet is not there$/) }
    expect(await archives('--weekly')).toMatchObject([missing, missing])
  })

  test('given a month that cannot be archived, then it says why, and leaves it', async () => {
    await history(5)
    const log = open()
    await log.append('today', [{ id: randomUUID(), type: 'Tested', schemaVersion: 1, data: {} }], NO_STREAM)
    await log.close()
    await projectedUpTo(7)
    const { code, stdout } = await cli.run('archive')
    expect(code).toBe(0)
    expect(stdout).toMatch(/2025-01 .*kB +\d+ kB\n/)
    expect(stdout).toMatch(
      /2025-02 .*category-aggregate is only at position 7: it has not seen all of it yet/,
    )
    expect(stdout).toMatch(/\d{4}-\d\d +1 +16–16 .*it is not over/)
    expect(await cli.run('archive', '--month', '2025-02')).toMatchObject({ code: 1 })
    expect((await json('--dry-run')).months.map(({ archive }: { archive?: object }) => !!archive)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test.each([
    [['--month', '2025-13'], '2025-13 is not a month: write it as 2026-10.'],
    [['--before', 'May'], 'May is not a month'],
    [['--month', '2024-12'], 'The log has no events of 2024-12.'],
    [['--month', '2025-01', '--before', '2025-02'], 'Say --month or --before, not both.'],
  ])('given %j, then it says what is wrong', async (args, message) => {
    const { code, stderr } = await cli.run('archive', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  test('given a file that was changed, when its month is to be dropped, then it is not', async () => {
    await history(5)
    await projectedUpTo(15)
    const { months, folder } = await json('--month', '2025-01')
    const path = join(folder, months[0].archive.file)
    await writeFile(path, (await readFile(path)).fill(0, 50, 60))
    const { code, stderr } = await cli.run('archive', '--drop', '--yes', '--month', '2025-01')
    expect(code).toBe(1)
    expect(stderr).toBe(
      `the archive of the events of 2025-01, ${path}, cannot be read: its SHA-256 is another one\n`,
    )
    expect(await onDatabase('select count(*)::int as count from events')).toEqual([{ count: 15 }])
  })

  test('given kill -9 at any moment, then the log is whole, and the next run goes on', {
    timeout: 120_000,
  }, async () => {
    await history(4000)
    await projectedUpTo(12_000)
    const before = await readAll()
    for (let round = 0; round < 8; round++) {
      const child = startCli(['archive', '--drop', '--yes'], cli.environment)
      const ended = new Promise((resolve) => child.once('close', resolve))
      // From before it has begun until after it has done a month or two.
      setTimeout(() => child.kill('SIGKILL'), 400 + round * 250)
      await ended
      expect(await readAll()).toEqual(before)
    }
    expect(await cli.run('archive', '--drop', '--yes')).toMatchObject({ code: 0 })
    expect(await onDatabase('select count(*)::int as count from events')).toEqual([{ count: 0 }])
    expect(await readAll()).toEqual(before)
    const files = await readdir(cli.path('archive'))
    expect(files.filter((name) => name.startsWith('.'))).toEqual([])
    expect(files.filter((name) => name.endsWith('.parquet'))).toHaveLength(3)
  })

  test('given Ctrl-C, then it stops, says how to go on, and leaves nothing half-done', {
    timeout: 60_000,
  }, async () => {
    await history(20_000)
    await projectedUpTo(60_000)
    const child = startCli(['archive', '--drop', '--yes'], cli.environment)
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (text.includes('archived 2025-01')) child.kill('SIGINT')
    })
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
    expect(stderr).toContain('Stopped. What is archived stays; run the same command again to go on.')
    expect((await readdir(cli.path('archive'))).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await readAll()).toHaveLength(60_000)
  })
})
