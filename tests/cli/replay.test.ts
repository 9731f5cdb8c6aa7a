import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_STREAM } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { findOpenedPoll } from '../../src/queries/ranges/opened-poll.ts'
import { foldRange, type RangeAnswer } from '../../src/queries/ranges/range-fold.ts'
import { rangeToLine } from '../../src/queries/ranges/stored-range.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { endOf, startCli } from './command-line.ts'

let cli: CliDatabase

const days = ['2026-01-05T10:00:00Z', '2026-01-06T23:30:00Z', '2026-02-01T00:10:00Z', '2025-12-31T23:59:59Z']

beforeAll(async () => {
  cli = await createCliDatabase()
  const lines = Array.from({ length: 40 }, (_, n) => `s${n},${days[n % 4]},${n},${100 - n}`)
  const csv = ['submission,submitted_at,a,b', ...lines].join('\n')
  const imported = await cli.run('import', await cli.write('town.csv', csv), '--poll', 'town')
  expect(imported).toMatchObject({ code: 0 })
})
afterAll(() => cli?.drop())

const json = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await cli.run(...args, '--json')
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout)
}

/** Without what tells the two apart. */
const numbers = ({ replay: _, tier: __, ...view }: Record<string, unknown>) => view

describe('taxbudget replay', { timeout: 120_000 }, () => {
  test('given a poll, when it is replayed, then it gives the results that are served', async () => {
    const replayed = await json('replay', 'town', '--jobs', '2')
    expect(replayed).toMatchObject({ tier: 'replay', replay: { again: 0, parked: [] } })
    expect(replayed.submissions.counted).toBe(40)
    expect(numbers(replayed)).toEqual(numbers(await json('results', 'town')))
  })

  test('given a day, when it is replayed to it, then it gives the results as of its end', async () => {
    const replayed = await json('replay', 'town', '--to', '2026-01-06')
    expect(replayed.submissions.counted).toBe(30)
    const asOf = await json('results', 'town', '--as-of', '2026-01-06T23:59:59.999Z')
    expect(numbers(replayed)).toEqual(numbers(asOf))
    const csv = await cli.run('replay', 'town', '--bucket', 'month', '--csv')
    expect(csv.stdout.split('\r\n').map((line) => line.slice(0, 10))).toContain('2026-02-01')
    // Today is not over, and not in the future.
    const today = await json('replay', 'town', '--to', new Date().toISOString().slice(0, 10))
    expect(today.submissions.counted).toBe(40)
    const inTaipei = await json('replay', 'town', '--to', '2026-01-06', '--tz', 'Asia/Taipei')
    expect(inTaipei.submissions.counted).toBe(20)
  })

  test.each([
    ['--bucket', 'day', '--tz', 'Asia/Kolkata'],
    ['--bucket', 'month', '--view', 'cumulative'],
    ['--from', '2026-01-01', '--to', '2026-01-10', '--bucket', 'hour'],
  ])(
    'given %s %s, when it is replayed by that, then it gives the trends that are served',
    async (...asked) => {
      const replayed = await json('replay', 'town', ...asked)
      expect(replayed.tier).toBe('replay')
      expect(numbers(replayed)).toEqual(numbers(await json('trends', 'town', ...asked)))
      const csv = await cli.run('replay', 'town', ...asked, '--csv')
      expect(csv.stdout).toBe((await cli.run('trends', 'town', ...asked, '--csv')).stdout)
    },
  )

  test('given events that take back what was not there, then they are found and told', async () => {
    const log = new PostgresEventLog({ databaseUrl: cli.url })
    const data = {
      poll: 'town',
      submittedAt: '2026-01-05T10:00:00.000Z',
      occurredAt: '2026-01-05T10:00:00.000Z',
      replaces: { a: 9900, b: 100 },
    }
    const id = '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01'
    const event = { id, type: 'AllocationWithdrawn', schemaVersion: 1, data }
    const { position } = await log.append(`submission-${id}`, [event], NO_STREAM)
    await log.close()
    const { code, stdout, stderr } = await cli.run('replay', 'town')
    expect(code).toBe(0)
    expect(stdout).toContain('1 events parked')
    expect(stderr).toContain('1 parts of the log were folded a second time')
    expect(stderr).toContain(`${position} AllocationWithdrawn: it takes back 9900 for a`)
    expect((await json('replay', 'town')).replay.parked).toMatchObject([{ position: `${position}` }])
  })

  test('given a file of what is done, when it goes on from it, then that is not read again, and the file is gone', async () => {
    const log = new PostgresEventLog({ databaseUrl: cli.url })
    const head = await log.head()
    const opened = (await findOpenedPoll(log, 'town', head))!
    const question = { poll: opened, after: opened.openedAt, upTo: head, periods: false }
    const done: RangeAnswer = { ...(await foldRange(log, question)), events: 123_456 }
    await log.close()
    const first = {
      taxbudget: 'replay',
      fold: 1,
      poll: 'town',
      openedAt: '1',
      upTo: `${head}`,
      periods: false,
    }
    const path = cli.path('half.ndjson')
    await writeFile(path, `${JSON.stringify(first)}\n${rangeToLine(done)}\n{"after":"17","up`)
    const refused = await cli.run('replay', 'town', '--bucket', 'day', '--resume', path)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('is of another replay') })
    const replayed = await json('replay', 'town', '--resume', path)
    expect(replayed.replay.events).toBe(123_456)
    expect(numbers(replayed)).toEqual(numbers(await json('results', 'town')))
    expect((await cli.run('replay', 'town', '--resume', cli.path('p.ndjson'))).code).toBe(0)
    expect((await cli.run('replay', 'town', '--resume', await cli.write('x', 'x'))).code).toBe(2)
  })

  test('given a replay that is told to stop, then it says how to go on, and goes on', async () => {
    const path = cli.path('stopped.ndjson')
    const child = startCli(['replay', 'town', '--resume', path], cli.environment)
    const ended = endOf(child)
    // As early as it listens to signals, or as late as when it is done: both must be told truly.
    setTimeout(() => child.kill('SIGINT'), 700)
    const { code, stderr, stdout } = await ended
    if (code === 1 && stdout === '') expect(stderr).toMatch(/--resume .*stopped\.ndjson|Stopped/)
    const then = await json('replay', 'town', '--resume', path)
    expect(numbers(then)).toEqual(numbers(await json('results', 'town')))
  })

  test.each([
    [['--from', 'x'], 'from must be a day'],
    [['--bucket', 'year'], 'bucket must be one of'],
    [['--bucket', 'day', '--tz', 'Mars/Olympus'], 'tz must be the name'],
    [['--from', '2026-02-01', '--to', '2026-01-01'], 'from lies after to'],
    [['--to', '2999-01-01'], '--to lies in the future'],
    [['--to', '2999-01-01T00:00:00Z'], '--to lies in the future'],
    [['--jobs', '0'], '--jobs must be a number'],
    [['--view', 'period'], '--view is of trends'],
    [['--csv', '--json'], 'Choose one of'],
  ])('given %j, then it is wrong use', async (args, sentence) => {
    const { code, stderr } = await cli.run('replay', 'town', ...args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) })
  })

  test('given a time before anything was in the poll, then nothing is counted, by a replay as in the results', async () => {
    for (const args of [
      ['replay', 'town', '--to', '2020-01-01'],
      ['results', 'town', '--as-of', '2020-01-01'],
      ['results', 'town', '--as-of', '2020-01-01', '--tier', 'replay'],
    ])
      expect((await json(...args)).submissions.counted).toBe(0)
  })

  test('given a poll that is none, then it says so', async () => {
    const { code, stderr } = await cli.run('replay', 'nowhere')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'There is no poll called nowhere.\n' })
  })
})
