/** What an analyst reads of trends is what the API answers, in UTC by a view, in other zones as documented. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BucketKind, bucketKinds } from '../../src/queries/calendar.ts'
import { readTrends, type TrendsWords, trendsViews } from '../../src/queries/trends-request.ts'
import { trendsView } from '../../src/queries/trends-view.ts'
import { type AnalystLogin, analystLogin, recipe } from './login.ts'

let login: AnalystLogin
beforeAll(async () => {
  // Months, with days in them when nothing happens, and New York's clocks put forward.
  login = await analystLogin(2000)
}, 60_000)
afterAll(() => login?.close())

interface Row {
  readonly start: string
  readonly category: string
  readonly counted: number
  readonly sum: number
  readonly mean: number | null
}

const read = async <Columns = Row>(statement: string): Promise<Columns[]> =>
  (await login.analyst.query(statement)).rows
const trendsOf = async (poll: string, words: TrendsWords) =>
  trendsView(await login.service.services.trends.trends(poll, readTrends(words)))

/** The published trends, a row for each bucket and category, as the views have them. */
async function published(poll: string, words: TrendsWords): Promise<readonly Row[]> {
  const { categories, buckets } = await trendsOf(poll, words)
  return buckets.flatMap(({ startUtc, counted, excluded, withdrawn, sums, means }) =>
    categories.map(({ id, label }, index) => ({
      ...{ start: startUtc, category: id, label, ordinal: index + 1, counted, excluded, withdrawn },
      ...{ sum: sums[index]!, mean: means[index]! },
    })),
  )
}

/** Hours up to now would be more than the API gives at once. */
const UNTIL: Readonly<Partial<Record<BucketKind, string>>> = { hour: '2026-05-20' }
const utc = `to_char(start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

describe.each(bucketKinds)('trends by %s', (bucket) => {
  it.each(trendsViews)(
    'are the published ones to the last digit, empty buckets included: %s',
    async (view) => {
      for (const poll of ['one', 'two']) {
        const to = UNTIL[bucket]
        const expected = await published(poll, { bucket, view, ...(to !== undefined && { to }) })
        expect(expected.filter(({ counted }) => counted > 0).length).toBeGreaterThan(5)
        expect(expected.length).toBeGreaterThan(30)
        const rows = await read(`
        select ${utc} as start, category, label, ordinal, counted::int, excluded::int, withdrawn::int, sum::int, mean
          from trends_${bucket}
         where poll = '${poll}' and view = '${view}' ${to === undefined ? '' : `and start < date '${to}' + 1`}
         order by start, ordinal`)
        expect(rows).toEqual(expected)
      }
    },
  )
})

it('are the same whatever the time zone of the session', async () => {
  const statement =
    "select * from trends_month where poll = 'one' and start < '2026-04-01T00:00Z' order by 1, 2, 3, 6"
  const before = await read(statement)
  await login.analyst.query("set time zone 'Pacific/Chatham'")
  expect(await read(statement)).toEqual(before)
  await login.analyst.query('reset time zone')
  expect(before.length).toBeGreaterThan(5)
})

it.each([
  ['period', "kind = 'cast'"],
  ['cumulative', "kind = 'change'"],
] as const)('add up as documented in another zone’s days: %s', async (view, word) => {
  // A table of results is as wide as its widest: the driver gives what it knows no type for as text.
  const rows = await read<Record<'day' | 'category' | 'counted' | 'sum' | 'mean', unknown>>(
    recipe(word).replaceAll('us-federal', 'one'),
  )
  const found = rows.map(({ day, category, counted, sum, mean }) => ({
    ...{ start: (day as Date).toISOString(), category, counted: Number(counted), sum: Number(sum), mean },
  }))
  const all = await published('one', { bucket: 'day', view, tz: 'America/New_York', to: '2026-06-30' })
  const starts = new Set(found.map(({ start }) => start))
  const expected = all.filter(({ start }) => starts.has(start))
  expect(found).toEqual(
    expected.map(({ start, category, counted, sum, mean }) => ({ start, category, counted, sum, mean })),
  )
  expect(starts.size).toBeGreaterThan(10)
  expect([...starts].filter((start) => start.endsWith('T04:00:00.000Z')).length).toBeGreaterThan(0)
})
