import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { TrendsView } from '../../src/queries/trends-view.ts'
import { buildServer } from '../../src/web/server.ts'
import { eventually } from '../support/eventually.ts'
import { testPoll } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectDescribed, expectProblem } from './api-client.ts'
import { contextOf } from './context.ts'
import { digestField, download } from './download.ts'

let service: TestService
const trends = (query = '', headers: Record<string, string> = {}, poll = 'moved') =>
  ask(`${service.url}/api/polls/${poll}/trends${query}`, { headers })

/** On the two days on which New York changes its clocks, and once since. */
const times = [
  '2026-03-08T04:59:59.999Z',
  '2026-03-08T05:00:00.000Z',
  '2026-03-09T03:59:59.999Z',
  '2026-06-01T00:00:00.000Z',
]

beforeAll(async () => {
  service = await startTestService()
  const { commands } = service.services
  await openPoll(commands, testPoll('moved'))
  for (const [index, time] of times.entries())
    await submitAllocation(
      { ...commands, now: () => new Date(time) },
      { poll: 'moved', allocation: { a: 1000 * index, b: 10_000 - 1000 * index, c: 0 }, via: 'import' },
    )
  await eventually(async () => {
    const { buckets } = (await trends('?view=cumulative&bucket=month')).json as TrendsView
    expect(buckets.at(-1)?.counted).toBe(4)
  })
})
afterAll(() => service.close())

const march = '?bucket=day&tz=America/New_York&from=2026-03-07&to=2026-03-09'

describe('trends', () => {
  it('are what the description says: every bucket of the zone’s calendar, with its counts, sums and means', async () => {
    const answer = await trends(march)
    const view = expectDescribed(answer, TrendsView)
    expect(view).toMatchObject({
      poll: 'moved',
      tier: 'projection',
      view: 'period',
      bucket: 'day',
      tz: 'America/New_York',
    })
    expect(view.categories.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(view.buckets.map(({ start, counted, sums, means }) => [start, counted, sums, means])).toEqual([
      ['2026-03-07T00:00:00-05:00', 1, [0, 10_000, 0], [0, 10_000, 0]],
      ['2026-03-08T00:00:00-05:00', 2, [3000, 17_000, 0], [1500, 8500, 0]],
      ['2026-03-09T00:00:00-04:00', 0, [0, 0, 0], [null, null, null]],
    ])
    expect(answer.headers.get('server-timing')).toMatch(/^projection;dur=/)
    expect(answer.headers.get('cache-control')).toBe(
      'public, max-age=5, s-maxage=15, stale-while-revalidate=60, stale-if-error=86400',
    )
  })

  it('in the cumulative view end with the results', async () => {
    const view = (await trends('?view=cumulative')).json as TrendsView
    const results = (await ask(`${service.url}/api/polls/moved/results`)).json as {
      position: string
      asOf: string
      parked: number
      categories: { sum: number; mean: number }[]
    }
    expect(BigInt(view.position)).toBeGreaterThanOrEqual(BigInt(results.position))
    expect([view.asOf, view.parked]).toEqual([results.asOf, results.parked])
    expect(view.buckets.at(-1)?.sums).toEqual(results.categories.map(({ sum }) => sum))
    expect(view.buckets.at(-1)?.means).toEqual(results.categories.map(({ mean }) => mean))
  })

  it('in full detail have the statistics that results have', async () => {
    const answer = await trends('?view=cumulative&detail=full&bucket=week&from=2026-03-01')
    const view = expectDescribed(answer, TrendsView)
    const results = (await ask(`${service.url}/api/polls/moved/results`)).json as {
      truthful: { t: string }
      disagreement: { share: number }
      categories: Record<string, unknown>[]
    }
    const { truthful, disagreement, statistics } = view.buckets.at(-1)!
    expect(truthful).toEqual({ t: results.truthful.t })
    expect(disagreement).toEqual({ share: results.disagreement.share })
    expect(statistics).toEqual(results.categories.map(({ id, label, sum, mean, histogram, ...rest }) => rest))
  })

  it('are not sent again to whoever has them, but to whoever asked for something else', async () => {
    const etag = (await trends(march)).headers.get('etag')!
    const again = await trends(march, { 'if-none-match': etag })
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    for (const other of [
      `${march}&view=cumulative`,
      `${march}&format=csv`,
      march.replace('09', '10'),
      `${march}&detail=full`,
    ])
      expect((await trends(other, { 'if-none-match': etag })).status, other).toBe(200)
    // The same question in other words.
    const same = march.replace('America/New_York', 'us/eastern')
    expect((await trends(same, { 'if-none-match': etag })).status).toBe(304)
  })
})

describe('what trends are of', () => {
  test.each(['json', 'csv'])('is told with their SHA-256 when they are given as %s', async (format) => {
    const view = (await trends(march)).json as TrendsView
    const { bytes, headers } = await download(
      `${service.url}/api/polls/moved/trends${march}&format=${format}`,
    )
    expect(headers).toMatchObject({
      'taxbudget-poll': 'moved',
      'taxbudget-position': view.position,
      'taxbudget-as-of': view.asOf,
      'repr-digest': digestField(bytes),
      'content-length': String(bytes.length),
    })
    if (format === 'csv')
      expect(headers['content-disposition']).toBe(
        `attachment; filename="moved-period-by-day-America-New_York-${view.position}.csv"`,
      )
  })

  test.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('holds for whoever has it sent as %s, too', async (encoding, decode) => {
    const url = `${service.url}/api/polls/moved/trends${march}`
    const plain = await download(url)
    const small = await download(url, { 'accept-encoding': encoding })
    expect(small.headers['content-encoding']).toBe(encoding)
    expect(small.headers['repr-digest']).toBe(digestField(small.bytes))
    expect(small.bytes.length).toBeLessThan(plain.bytes.length)
    expect(decode(small.bytes).equals(plain.bytes)).toBe(true)
    expect(small.headers.etag).not.toBe(plain.headers.etag)
    const known = { 'accept-encoding': encoding, 'if-none-match': small.headers.etag! }
    expect((await download(url, known)).status).toBe(304)
  })

  test('is told to who asks by HEAD, and to who has them', async () => {
    const { headers } = await trends(march)
    const url = `${service.url}/api/polls/moved/trends${march}`
    const head = await ask(url, { method: 'HEAD' })
    const known = await trends(march, { 'if-none-match': headers.get('etag')! })
    expect([head.status, known.status]).toEqual([200, 304])
    for (const answer of [head, known])
      expect(answer.headers.get('taxbudget-position')).toBe(headers.get('taxbudget-position'))
    for (const name of ['repr-digest', 'content-length'])
      expect(head.headers.get(name)).toBe(headers.get(name))
  })
})

describe('trends as CSV', () => {
  const lines = (text: string) => text.trimEnd().split('\r\n')

  it.each([
    ['?format=csv', {}],
    ['', { accept: 'text/csv' }],
    ['', { accept: 'application/json;q=0.5, text/csv' }],
    ['', { accept: 'text/csv, */*' }],
  ])('are given to who asks %j %j', async (query, headers) => {
    const answer = await trends(query, headers as Record<string, string>)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('vary')).toBe('accept, accept-encoding')
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="moved-period-by-week-UTC-${answer.headers.get('taxbudget-position')}.csv"`,
    )
  })

  it.each([
    ['?format=json', { accept: 'text/csv' }],
    ['', { accept: '*/*' }],
    ['', { accept: 'text/csv;q=0, */*' }],
    ['', { accept: 'text/csv;q=0.1, application/json' }],
    ['', { accept: 'application/json, text/csv' }],
  ])('are not given to who asks %j %j', async (query, headers) => {
    const answer = await trends(query, headers as Record<string, string>)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  it('say the same as JSON, one line for each bucket', async () => {
    const [titles, ...rows] = lines((await trends(`${march}&format=csv`)).text).map((line) => line.split(','))
    expect(titles?.slice(0, 10).join()).toBe(
      'start,end,start_utc,end_utc,complete,counted,excluded,withdrawn,a_sum,a_mean',
    )
    const { buckets } = (await trends(march)).json as TrendsView
    expect(rows).toEqual(
      buckets.map(({ start, end, startUtc, endUtc, complete, counted, excluded, withdrawn, sums, means }) =>
        [
          start,
          end,
          startUtc,
          endUtc,
          complete,
          counted,
          excluded,
          withdrawn,
          ...sums.flatMap((sum, i) => [sum, means[i]]),
        ].map((cell) => String(cell ?? '')),
      ),
    )
  })

  it('hold nothing that a spreadsheet would run, in full detail neither', async () => {
    const { text } = await trends('?format=csv&detail=full&bucket=month')
    const cells = lines(text).flatMap((line) => line.split(','))
    expect(cells.length).toBeGreaterThan(50)
    for (const cell of cells) expect(cell).toMatch(/^([\w.:+-]*|)$/)
    for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t]/)
    expect(text).toContain('a_stddev,a_zeros,a_truthful')
  })
})

describe('a question about trends', () => {
  test.each([
    ['?bucket=minute', ['bucket wrong-format']],
    ['?bucket=day&bucket=day', ['bucket wrong-format']],
    ['?tz=Mars/Base', ['tz unknown-zone']],
    ['?tz=', ['tz unknown-zone']],
    ['?from=2026-13-01', ['from wrong-format']],
    ['?from=1969-01-01', ['from past']],
    ['?from=2126-01-01', ['from future']],
    ['?from=2026-03-02&to=2026-03-01', ['from contradiction']],
    ['?from=2026-03-02T00:00:00Z&to=2026-03-02T01:00:00%2B01:00', ['from empty']],
    ['?from=1970-01-01&bucket=day', ['bucket too-fine']],
    [
      '?format=xml&Bucket=day&asOf=2026-01-01',
      ['Bucket unknown-parameter', 'asOf unknown-parameter', 'format wrong-format'],
    ],
    ['?__proto__=1', ['__proto__ unknown-parameter']],
  ])('%s is refused', async (query, expected) => {
    const errors = expectProblem(await trends(query), 'INVALID_REQUEST')
    expect(errors.map(({ field, code }) => `${field} ${code}`)).toEqual(expected)
  })

  test('suggests what may have been meant', async () => {
    const [error] = expectProblem(await trends('?tz=New%20York'), 'INVALID_REQUEST')
    expect(error?.message).toContain('Did you mean America/New_York?')
  })

  test.each(['none', 'MOVED', 'constructor', 'a%00b'])(
    'about a poll that is not there (%s) is refused',
    async (poll) => {
      expectProblem(await trends('', {}, poll), 'POLL_NOT_FOUND')
    },
  )
})

test('given a client that goes away, its question ends', async () => {
  const asked = Promise.withResolvers<AbortSignal>()
  const context = contextOf(service, {})
  const never = new Promise<never>(() => {})
  const server = await buildServer({
    ...context,
    trends: {
      ...context.trends,
      trends: (_, __, signal) => {
        asked.resolve(signal!)
        return never
      },
    },
  })
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  const call = request(`${url}/api/polls/moved/trends`).on('error', () => {})
  call.end()
  const signal = await asked.promise
  expect(signal.aborted).toBe(false)
  call.destroy()
  await eventually(() => expect(signal.aborted).toBe(true))
  await server.close()
})
