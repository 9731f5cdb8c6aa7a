import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withoutPeriods } from '../support/stored-periods.ts'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'

let cli: CliDatabase

beforeAll(async () => {
  cli = await createCliDatabase()
  const ballots = [
    'submission,submitted_at,green,sport',
    's1,2026-03-08T04:59:59Z,100,0',
    's2,2026-03-08T05:00:00Z,50,50',
    's3,2026-03-09T04:00:00Z,0,100',
  ]
  const imported = await cli.run('import', await cli.write('p.csv', ballots.join('\n')), '--poll', 'p')
  expect(imported.code).toBe(0)
})
afterAll(() => cli?.drop())

const march = ['--bucket', 'day', '--from', '2026-03-07', '--to', '2026-03-09', '--tz', 'America/New_York']

describe('taxbudget trends', () => {
  test('given a zone, when shown, then its days stand one below the other, in percent', async () => {
    const { code, stdout } = await cli.run('trends', 'p', ...march)
    expect(code).toBe(0)
    const [, about, , ...rows] = stdout.trimEnd().split('\n')
    expect(about).toContain('America/New_York')
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['day', 'counted', 'green', 'sport'],
      ['2026-03-07', '1', '100.0', '0.0'],
      ['2026-03-08', '1', '50.0', '50.0'],
      ['2026-03-09', '1', '0.0', '100.0'],
    ])
  })

  test('given a history from before there were periods, when asked, then they are waited for', async () => {
    await withoutPeriods(cli.url)
    const { stdout } = await cli.run('trends', 'p', ...march, '--view', 'cumulative', '--json')
    const { position, asOf, parked, buckets } = JSON.parse(stdout)
    expect(buckets.at(-1).counted).toBe(3)
    expect({ position, asOf, parked }).toEqual({ position: '4', asOf: '2026-03-09T04:00:00.000Z', parked: 0 })
  })

  test('given the cumulative view, when asked as JSON, then it is what the API gives', async () => {
    const { stdout } = await cli.run('trends', 'p', ...march, '--view', 'cumulative', '--json')
    const { tier, view, buckets } = JSON.parse(stdout)
    expect({ tier, view }).toEqual({ tier: 'projection', view: 'cumulative' })
    expect(buckets.map(({ sums }: { sums: number[] }) => sums)).toEqual([
      [10_000, 0],
      [15_000, 5000],
      [15_000, 15_000],
    ])
  })

  test('given CSV is asked in full detail, when printed, then it is one line for each bucket', async () => {
    const { stdout } = await cli.run('trends', 'p', ...march, '--csv', '--detail', 'full')
    const lines = stdout.trimEnd().split(/\r?\n/)
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^start,end,.*,green_sum,green_mean,green_median,/)
    expect(lines[2]).toMatch(
      /^2026-03-08T00:00:00-05:00,2026-03-09T00:00:00-04:00,.*,true,1,0,0,5000,5000,5000,/,
    )
  })

  test.each([
    [['--tz', 'Berlin'], /tz must be .* Did you mean Europe\/Berlin\?/],
    [['--bucket', 'hour', '--from', '2000-01-01'], /too fine for the range/],
    [['--from', '2026-03-02', '--to', '2026-03-01'], /from lies after to/],
    [['--csv', '--json'], /Choose one of --csv and --json/],
  ])('given %j, when asked, then it is wrong use', async (options, words) => {
    const { code, stdout, stderr } = await cli.run('trends', 'p', ...options)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(words)
  })

  test('given no such poll, when asked, then it says so', async () => {
    expect(await cli.run('trends', 'none')).toMatchObject({
      code: 1,
      stderr: 'There is no poll called none.\n',
    })
  })
})
