/** Real ballots by day, held against adding them up with nothing but text, clocks and whole numbers. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CliDatabase, createCliDatabase } from './cli-database.ts'
import { realPath } from './real-ballots.ts'

const HOUR_MS = 3_600_000
const file = realPath('composite-uberx.csv')

interface Ballot {
  readonly time: number
  /** Basis points. */
  readonly shares: readonly number[]
}

let cli: CliDatabase
let ballots: Ballot[]

beforeAll(async () => {
  cli = await createCliDatabase()
  expect((await cli.run('import', file, '--poll', 'uberx')).code).toBe(0)
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split(/\r?\n/)
  ballots = lines.map((line) => {
    const [, time = '', ...shares] = line.split(',')
    return { time: Date.parse(time), shares: shares.map((share) => Math.round(Number(share) * 100)) }
  })
}, 60_000)
afterAll(() => cli?.drop())

/** Day of a clock that is so many hours ahead of UTC → what was cast on it. */
function byDay(hoursAhead: number): Map<string, { counted: number; sums: number[] }> {
  const days = new Map<string, { counted: number; sums: number[] }>()
  for (const { time, shares } of ballots) {
    const day = new Date(time + hoursAhead * HOUR_MS).toISOString().slice(0, 10)
    const known = days.get(day) ?? { counted: 0, sums: shares.map(() => 0) }
    days.set(day, {
      counted: known.counted + 1,
      sums: known.sums.map((sum, index) => sum + shares[index]!),
    })
  }
  return days
}

interface Bucket {
  readonly start: string
  readonly counted: number
  readonly sums: number[]
  readonly means: (number | null)[]
}

// The clocks of Taipei were always eight hours ahead while these were cast.
test.each([
  ['UTC', 0],
  ['Asia/Taipei', 8],
])(
  'given real ballots, when asked by day in %s, then every day is as added up by hand',
  { timeout: 120_000 },
  async (tz, hours) => {
    const ask = async (view: string): Promise<Bucket[]> => {
      const range = ['--from', '2015-06-01', '--to', '2019-12-31']
      const { stdout } = await cli.run(
        'trends',
        'uberx',
        '--bucket',
        'day',
        '--tz',
        tz,
        ...range,
        '--view',
        view,
        '--json',
      )
      return JSON.parse(stdout).buckets
    }
    const days = byDay(hours)
    let total = { counted: 0, sums: ballots[0]!.shares.map(() => 0) }
    const [period, cumulative] = [await ask('period'), await ask('cumulative')]
    expect(period).toHaveLength(1675)
    for (const [index, { start, counted, sums, means }] of period.entries()) {
      const expected = days.get(start.slice(0, 10)) ?? { counted: 0, sums: sums.map(() => 0) }
      expect({ counted, sums }).toEqual(expected)
      expect(means).toEqual(sums.map((sum) => (counted === 0 ? null : sum / counted)))
      total = {
        counted: total.counted + counted,
        sums: total.sums.map((sum, category) => sum + expected.sums[category]!),
      }
      expect(cumulative[index]).toMatchObject({ start, ...total })
    }
    expect(total.counted).toBe(ballots.length)
    expect([...days.keys()].every((day) => period.some(({ start }) => start.startsWith(day)))).toBe(true)
  },
)
