/** What the pages of results say, held against the API and against the statistics themselves. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { withdrawAllocation } from '../../src/commands/withdraw-allocation.ts'
import { blocOf, blocSizes } from '../../src/queries/bloc.ts'
import type { Comparison } from '../../src/queries/comparison.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { pollStatistics } from '../../src/queries/statistics.ts'
import { formatFor } from '../../src/web/words/format.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import type { Message } from './live-client.ts'
import { formIn, type Page, Person, words } from './person.ts'

let service: TestService
let person: Person
let published: ResultsView

const splits = [
  { health: 4000, education: 6000 },
  { health: 2500, defense: 2500, other: 5000 },
  { health: 10_000 },
  { health: 2800, science: 7200 },
  { housing: 10_000 },
  { health: 3000, education: 3000, environment: 4000 },
  { health: 1500, education: 8500 },
]

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
  const { commands } = service.services
  for (const allocation of splits)
    await submitAllocation(commands, { poll: 'us-federal', allocation, via: 'api' })
  const { submission, receipt } = await submitAllocation(commands, {
    ...{ poll: 'us-federal', via: 'api' as const },
    allocation: { other: 10_000 },
  })
  await withdrawAllocation(commands, { submission, receipt: receipt! })
  await eventually(async () => {
    published = (await (await fetch(`${service.url}/api/polls/us-federal/results`)).json()) as ResultsView
    expect(published.submissions).toEqual({ counted: splits.length, excluded: 0, withdrawn: 1 })
  })
})
afterAll(() => service.close())

/** Every cell that bears a name, by its category. */
function cellsIn(html: string, table: string): Map<string, Record<string, string>> {
  const [, inside = ''] = new RegExp(`id="${table}"[^>]*>([\\s\\S]*?)</table>`).exec(html) ?? []
  const rows = [...inside.matchAll(/<tr data-category="([^"]+)">([\s\S]*?)<\/tr>/g)]
  return new Map(
    rows.map(([, id, row]) => [
      id!,
      Object.fromEntries(
        [...row!.matchAll(/data-number="([^"]+)">([\s\S]*?)<\/td>/g)].map(([, name, cell]) => [
          name!,
          words(cell!),
        ]),
      ),
    ]),
  )
}

const fact = (html: string, name: string): string => {
  const [, text] = new RegExp(`data-number="${name}">([^<]*)<`).exec(html) ?? []
  return words(text ?? '')
}

describe.each(['en', 'es'] as const)('in %s, the page of results', (language) => {
  const format = formatFor(language)
  const shown = (text: string) => text.replaceAll('\u00a0', ' ')
  let html: string
  beforeAll(async () => {
    html = (await person.get(`/${language}/results`)).html
  })

  test('counts as the API does', () => {
    for (const [name, number] of Object.entries(published.submissions))
      expect(fact(html, name)).toBe(format.count(number))
    expect(html).toContain(`data-position="${published.position}"`)
    expect(html).toContain(`data-as-of="${published.asOf}"`)
  })

  test('has the API’s numbers of every category', () => {
    const cells = cellsIn(html, 'collective-table')
    expect([...cells.keys()]).toEqual(published.categories.map(({ id }) => id))
    for (const { id, median, p25, p75 } of published.categories)
      expect(cells.get(id)).toMatchObject({
        median: shown(format.percent(median!)),
        'middle-half': shown(format.range(p25!, p75!)),
      })
  })

  test.each(['mean', 'truthful'] as const)(
    'has the API’s %s, rounded to tenths that sum to 100 %%',
    (name) => {
      const parse = (text: string) => Number.parseFloat(text.replace(',', '.'))
      const shares = [...cellsIn(html, 'collective-table').values()].map((row) => parse(row[name]!))
      for (const [index, category] of published.categories.entries())
        expect(Math.abs(shares[index]! - category[name]! / 100)).toBeLessThan(0.1)
      expect(Math.round(shares.reduce((sum, share) => sum + share, 0) * 10)).toBe(1000)
    },
  )

  test('counts who gives less, the same and more than the actual budget, from the API’s histograms', () => {
    const baseline = 2817
    const { histogram } = published.categories[0]!
    const count = (holds: (value: number) => boolean) =>
      histogram.reduce((sum, [value, number]) => sum + (holds(value) ? number : 0), 0)
    expect(cellsIn(html, 'than-now-table').get('health')).toEqual({
      less: format.count(count((value) => value < baseline)),
      same: format.count(count((value) => value === baseline)),
      more: format.count(count((value) => value > baseline)),
    })
  })

  test('says how far apart people are, as the API does', () => {
    expect(fact(html, 'apart')).toBe(shown(format.part(published.disagreement.share!)))
    const [most] = published.categories.toSorted((a, b) => b.disagreement! - a.disagreement!)
    expect(words(html)).toContain(shown(format.distance(most!.disagreement!)))
  })

  test('has the zeros, quartiles and tenths of every category, and its whole distribution', () => {
    for (const { id, zeros, p10, p25, median, p75, p90, histogram } of published.categories) {
      const [, card = ''] = new RegExp(`id="spread-${id}"([\\s\\S]*?)</article>`).exec(html)!
      for (const [name, value] of Object.entries({ p10, p25, median, p75, p90 }))
        expect(fact(card, name)).toBe(shown(format.percent(value!)))
      expect(words(card)).toMatch(new RegExp(`\\b${zeros} (gives?|dan?|no da|no dan|give) `))
      const counts = [...card.matchAll(/<tr><th scope="row">[^<]*<\/th><td>(\d+)<\/td>/g)].map(([, n]) =>
        Number(n),
      )
      expect(counts.reduce((sum, number) => sum + number, 0)).toBe(splits.length)
      expect(counts.length).toBeLessThanOrEqual(histogram.length)
    }
  })

  test.each(blocSizes)('says what a bloc of %d %% would do to each number', async (size) => {
    const page = await person.get(`/${language}/results?bloc=${size}`)
    const { aggregate } = await service.services.results.results('us-federal')
    const effectOn = blocOf(pollStatistics(aggregate).distributions, size)
    for (const [index, { id }] of aggregate.definition.categories.entries()) {
      const { mean, truthful, median } = effectOn(index)
      expect(cellsIn(page.html, 'bloc-table').get(id)).toEqual({
        'mean-with-bloc': shown(format.percent1(mean)),
        'truthful-with-bloc': shown(format.percent1(truthful)),
        'median-with-bloc': shown(format.percent(median)),
      })
    }
    expect(page.html).toContain(`name="bloc" value="${size}" aria-current="true"`)
  })

  test('has a drawing with a title and a table for everything', () => {
    for (const svg of html.match(/<svg[^>]*role="img"[\s\S]*?<desc/g)!) {
      const [, ids] = /aria-labelledby="([^"]+)"/.exec(svg)!
      for (const id of ids!.split(' ')) expect(html.split(`id="${id}"`)).toHaveLength(2)
    }
    expect(html.match(/role="img"/g)).toHaveLength(3 + 10)
    expect(html.match(/<details class="numbers"/g)).toHaveLength(3 + 10)
    expect(html.match(/<path class="diamond"/g)!.length).toBeGreaterThan(20)
  })

  test('shows the actual budgets of two years with their sources', () => {
    const text = words(html)
    for (const total of language === 'en' ? ['7,011,105', '6,735,261'] : ['7.011.105', '6.735.261'])
      expect(text).toContain(total)
    expect(text).toMatch(/FY2027|año fiscal 2027/)
  })
})

test.each(['0', '2', '100', '5.0', '-5', 'x', '5&bloc=10'])(
  'a bloc of %s is refused with a page',
  async (bloc) => {
    const page = await person.get(`/results?bloc=${bloc}`, { accept: 'text/html' })
    expect(page.status).toBe(422)
    expect(words(page.html)).toContain('The size of a bloc is 1 %, 5 %, 10 %, or 20 %.')
    expect(page.html).toContain('href="/results"')
    expect(page.html).toContain('<h1>This cannot be shown</h1>')
  },
)

test('a bloc of the past keeps its moment', async () => {
  const { html } = await person.get(`/results?position=4&bloc=10`)
  const { fields } = formIn(html, '/results#bloc')
  expect(Object.fromEntries(fields)).toEqual({ position: '4' })
  const { aggregate } = await service.services.results.results('us-federal', { position: 4n })
  const { mean } = blocOf(pollStatistics(aggregate).distributions, 10)(0)
  expect(cellsIn(html, 'bloc-table').get('health')).toMatchObject({
    'mean-with-bloc': formatFor('en').percent1(mean).replace('\u00a0', ' '),
  })
})

describe('the fragment', () => {
  /** Names of what a live message has, and of the histograms that it can draw. */
  const valuesOf = ({ submissions, categories }: Message): string[] => [
    ...['position', 'asOf', ...Object.keys(submissions)],
    ...categories.flatMap(({ id, ...numbers }) => [
      id,
      ...Object.keys(numbers).map((name) => `${id}.${name}`),
    ]),
  ]
  const get = async (path: string): Promise<unknown> => (await fetch(service.url + path)).json()

  test.each(['/results', '/es/results', '/polls/us-federal/results'])(
    'of %s is that part of the page to the letter, with the same headers',
    async (path) => {
      const page = await person.get(`${path}?bloc=10`)
      const [, address] = /data-fragment="([^"]+)"/.exec(page.html)!
      const fragment = await person.get(address!)
      expect(page.html).toContain(fragment.html.trim())
      expect(fragment.html.trim()).toMatch(/^<div id="results-live"[\s\S]*<\/div>$/)
      for (const name of ['cache-control', 'etag', 'vary', 'content-language', 'content-type'])
        expect(fragment.headers.get(name)).toBe(page.headers.get(name))
    },
  )

  test('is one element, which says what it shows, and names what moves by values of live messages', async () => {
    const { html } = await person.get('/results/fragment')
    const root = /^<div id="results-live" ([^>]*)>/.exec(html.trim())![1]!
    const { position } = (await get('/api/polls/us-federal/live')) as Message
    for (const attribute of [
      `data-position="${position}"`,
      'data-status="open"',
      `data-counted="${splits.length}"`,
    ])
      expect(root).toContain(attribute)
    const named = [...html.matchAll(/ data-live-(?:text="\w+ |width="|x="|histogram=")([^"]+)"/g)]
    const names = new Set(named.flatMap(([, name]) => name!.split(' ')))
    for (const name of [
      'counted',
      'position',
      'asOf',
      'health',
      'health.mean',
      'health.truthful',
      'health.p10',
    ])
      expect(names).toContain(name)
    const told = valuesOf((await get('/api/polls/us-federal/live')) as Message)
    for (const name of names) expect(told).toContain(name)
  })

  test('is answered 304 to who has it', async () => {
    const { headers } = await person.get('/results/fragment')
    const again = await person.get('/results/fragment', { 'if-none-match': headers.get('etag')! })
    expect([again.status, again.html]).toEqual([304, ''])
    const other = await person.get('/results/fragment?bloc=1', { 'if-none-match': headers.get('etag')! })
    expect(other.status).toBe(200)
  })

  test('of a poll that is none is a page that says so', async () => {
    expect((await person.get('/polls/none/results/fragment')).status).toBe(404)
  })
})

describe('one’s own page', () => {
  const shown = (text: string) => text.replaceAll('\u00a0', ' ')
  const english = formatFor('en')
  let page: Page
  let comparison: Comparison
  beforeAll(async () => {
    const form = formIn((await person.get('/')).html)
    const { location } = await person.send(form, {
      'allocation[health]': '25',
      'allocation[education]': '75',
    })
    await eventually(async () => {
      const answer = await fetch(`${service.url}/api${location}`)
      comparison = ((await answer.json()) as { comparison: Comparison }).comparison
      expect(comparison.counted).toBe(splits.length + 1)
    })
    page = await person.get(location!)
  })

  test('has the API’s money to move, to everyone and to both actual budgets', () => {
    const facts = [...page.html.matchAll(/data-number="to-(?:mean|baseline)">([^<]+)</g)].map(
      ([, text]) => text,
    )
    const { mean, baselines } = comparison.moneyToMove
    expect(facts.map((text) => shown(text!))).toEqual(
      [mean!, baselines.fy2025!, baselines.fy2024!].map((share) => shown(english.percent1(share * 10_000))),
    )
  })

  test('says where one stands in each category, in numbers and in plain words', () => {
    const [, table = ''] = /id="places-table"([\s\S]*?)<\/table>/.exec(page.html)!
    for (const { id, split } of comparison.categories) {
      const [, row = ''] = new RegExp(`<tr data-category="${id}">([\\s\\S]*?)</tr>`).exec(table)!
      expect(['less', 'same', 'more'].map((name) => fact(row, name))).toEqual(
        [split.less, split.same, split.more].map(String),
      )
    }
    expect(words(table)).toMatch(/Education 6 1 1 above most/)
    expect(words(page.html)).toContain('Where you stand')
    for (const { id, percentile } of comparison.categories) {
      const [, row = ''] = new RegExp(`<tr data-category="${id}">(.*?data-number="percentile".*?)</tr>`).exec(
        page.html,
      )!
      expect(fact(row, 'percentile')).toBe(shown(english.part(percentile!)))
    }
  })
})
