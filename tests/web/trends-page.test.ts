import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import type { TrendsView } from '../../src/queries/trends-view.ts'
import { eventually } from '../support/eventually.ts'
import { testPoll } from '../support/history.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask } from './api-client.ts'
import { Person, words } from './person.ts'

let service: TestService
let person: Person

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
  const { commands } = service.services
  await openPoll(commands, { ...testPoll('moved'), title: 'What <moves>?' })
  for (const [time, a] of [
    ['2026-03-08T04:59:00.000Z', 2000],
    ['2026-03-08T05:00:00.000Z', 4000],
    ['2026-03-20T05:00:00.000Z', 9000],
  ] as const)
    await submitAllocation(
      { ...commands, now: () => new Date(time) },
      { poll: 'moved', allocation: { a, b: 10_000 - a, c: 0 }, via: 'import' },
    )
  await eventually(async () => expect((await moved('')).html).toContain('<strong>3</strong> in all'))
})
afterAll(() => service.close())

const moved = (query: string, headers: Record<string, string> = {}) =>
  person.get(`/polls/moved/trends${query}`, headers)
const march = '?bucket=day&tz=America/New_York&from=2026-03-07&to=2026-03-21'
const selected = (html: string, name: string) =>
  new RegExp(`name="${name}".*?<option value="([^"]*)" selected`).exec(html.replaceAll(/\s+/g, ' '))?.[1]

describe('the trends page', () => {
  test('shows people how the collective budget moved, unless they ask for something else', async () => {
    const { status, html } = await moved(march)
    expect(status).toBe(200)
    expect(words(html)).toContain('What <moves>?')
    expect(html).toContain('What &lt;moves&gt;?')
    expect(words(html)).toContain('collective budget as it stood at the end of a day')
    expect(words(html)).not.toContain('where it stands now')
    expect(words((await moved('')).html)).toContain('The last one is where it stands now.')
    // The mean of one submission, then of two, then of three.
    expect(words(html)).toMatch(/Mar 7, 2026 1 20\.0 % 80\.0 % 0\.0 %/)
    expect(words(html)).toMatch(/Mar 8, 2026 2 30\.0 % 70\.0 % 0\.0 %/)
    expect(words(html)).toMatch(/Mar 20, 2026 3 50\.0 % 50\.0 % 0\.0 %/)
    expect(words(html)).toMatch(
      /A .*50\.0 % at the end, \+30\.0 points since the start\. Lowest 20\.0 % \(Mar 7, 2026\)/,
    )
  })

  test('of a single point says what it is, and nothing of how it moved', async () => {
    const { html } = await moved('?bucket=month&from=2026-03-01&to=2026-03-31')
    expect(words(html)).toMatch(/A .*50\.0 % \(Mar 2026\): the only point in this range\./)
    for (const other of ['since the start', 'Lowest']) expect(words(html)).not.toContain(other)
    expect(words((await moved('?bucket=hour&from=2026-03-07&to=2026-03-08')).html)).toContain(
      'at the end of an hour',
    )
  })

  test('shows the period view, with days on which nobody took part', async () => {
    const { html } = await moved(`${march}&view=period`)
    expect(words(html)).toContain('submissions first sent in that day')
    expect(words(html)).toMatch(/Mar 8, 2026 1 40\.0 % 60\.0 % 0\.0 %/)
    expect(words(html)).toMatch(/Mar 9, 2026 0 – – –/)
    expect(words(html)).toMatch(/Mar 20, 2026 1 90\.0 % 10\.0 % 0\.0 %/)
  })

  test('keeps what was chosen in its form', async () => {
    const { html } = await moved(`${march}&view=period`)
    expect(['view', 'bucket', 'tz'].map((name) => selected(html, name))).toEqual([
      'period',
      'day',
      'America/New_York',
    ])
    expect(html).toMatch(/name="from" value="2026-03-07" type="date"/)
    const plain = (await moved('?bucket=&from=&to=&tz=')).html
    expect(['view', 'bucket', 'tz'].map((name) => selected(plain, name))).toEqual(['cumulative', '', 'UTC'])
  })

  test('gives the same numbers to take away', async () => {
    const { html } = await moved(march)
    const [csv, json] = [...html.matchAll(/href="(\/api[^"]+)"/g)].map(([, href]) =>
      href!.replaceAll('&amp;', '&'),
    )
    const table = await ask(service.url + csv)
    expect(table.headers.get('content-type')).toContain('text/csv')
    expect(table.text.trimEnd().split('\r\n')).toHaveLength(16)
    const { view, buckets } = (await ask(service.url + json)).json as TrendsView
    expect([view, buckets.length, buckets.at(-1)?.counted]).toEqual(['cumulative', 15, 3])
  })

  test('is kept by caches, and not sent again to who has it', async () => {
    const { headers } = await moved(march)
    expect(headers.get('cache-control')).toContain('public')
    const again = await moved(march, { 'if-none-match': headers.get('etag')! })
    expect([again.status, again.html]).toEqual([304, ''])
  })

  test('of a poll in which nobody has taken part, or a range in which nobody has, says so', async () => {
    expect(words((await person.get('/trends')).html)).toContain('Nobody is counted yet')
    const before = await moved('?from=2020-01-01&to=2020-02-01&view=period')
    expect(words(before.html)).toContain('Nobody is counted in this range')
    expect(before.html).toContain('href="/polls/moved/trends">Show everything')
  })

  test('is linked from every page, and from the results', async () => {
    const { html } = await person.get('/polls/moved/results')
    expect(html.match(/href="\/polls\/moved\/trends"/g)).toHaveLength(2)
    expect((await person.get('/')).html).toContain('href="/trends"')
    expect((await moved('')).html).toMatch(/href="\/polls\/moved\/trends" aria-current="page"/)
  })

  test('of a poll that is not there is not there either', async () => {
    expect((await person.get('/polls/none/trends')).status).toBe(404)
    expect((await person.get('/polls/none/trends?from=x')).status).toBe(404)
  })

  test('of more buckets than anybody reads shows the last of them in its table', async () => {
    const { html } = await moved('?bucket=hour&from=2026-03-01&to=2026-04-01')
    expect(words(html)).toContain('The last 400 of 768. All are in the downloads.')
    expect(html.match(/<time datetime/g)).toHaveLength(400)
  })
})

describe('a form with mistakes', () => {
  test.each([
    ['?from=yesterday', 'From must be a day such as 2026-11-23.'],
    ['?from=2026-03-02&to=2026-03-01', 'From lies after to.'],
    ['?tz=Berlin', 'Did you mean Europe/Berlin?'],
    ['?bucket=hour&from=2000-01-01', 'The bucket is too fine for the range'],
    ['?bucket=eon', 'By must be one of hour, day, week, month.'],
    ['?asOf=2026-03-10T00:00:00Z', 'Trends are of a range, not of a moment'],
    ['?position=3', 'Trends are of a range, not of a moment'],
    ['?from=2026-03-10T00:00:00Z&to=2026-03-10T00:00:00Z', 'there is nothing between them'],
  ])('%s comes back with what was entered and what is wrong', async (query, message) => {
    const { status, html, headers } = await moved(query)
    expect(status).toBe(422)
    expect(headers.get('cache-control')).toContain('no-store')
    expect(words(html)).toContain(message)
    expect(html).toMatch(/aria-invalid=true/)
  })

  test('has all of them told at once', async () => {
    const { html } = await moved('?from=yesterday&to=tomorrow&tz=Berlin&bucket=eon&asOf=2026-03-10')
    for (const message of [
      'From must be a day',
      'To must be a day',
      'Did you mean Europe/Berlin?',
      'By must be one of',
      'not of a moment',
    ])
      expect(words(html)).toContain(message)
  })

  test('keeps even what no field of the kind can hold', async () => {
    expect((await moved('?from=yester"day')).html).toContain('value="yester&#34;day" type="text"')
    expect(selected((await moved('?tz=Berlin')).html, 'tz')).toBe('Berlin')
  })
})
