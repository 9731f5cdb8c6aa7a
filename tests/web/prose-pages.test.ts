/** The pages on the method, the truthful budget and privacy: linked, the same in both languages, and true. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { outcomeOf } from '../../src/web/pages/example.ts'
import { pollLinks } from '../../src/web/pages/links.ts'
import { prosePages, proseView } from '../../src/web/pages/prose-view.ts'
import { formatFor } from '../../src/web/words/format.ts'
import { languages } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, submit } from './api-client.ts'
import { Person, words } from './person.ts'

let service: TestService
let person: Person

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
  for (const health of [1000, 2500, 10_000])
    await submitAllocation(service.services.commands, {
      ...{ poll: 'us-federal', via: 'api' as const },
      allocation: { health, other: 10_000 - health },
    })
  await eventually(async () => expect((await person.get('/results')).html).toContain('data-counted="3"'))
})
afterAll(() => service.close())

const viewsOf = (name: (typeof prosePages)[number]) =>
  languages.map((language) => {
    const locale = { language, base: '' as const, words: wordsIn(language), format: formatFor(language) }
    return proseView(name, {
      locale,
      links: pollLinks(locale),
      poll: 'us-federal',
      publicUrl: 'http://localhost',
    })
  })

describe.each(prosePages)('%s', (name) => {
  const path = pollLinks({ base: '' })[name]

  test('says the same in every language: section by section, block by block, link by link', () => {
    const shapes = viewsOf(name).map(({ sections }) =>
      sections.map(({ id, blocks }) => ({
        id,
        blocks: blocks.map((block) => Object.keys(block)[0]),
        lists: blocks.map((block) => ('list' in block ? block.list.length : 0)),
        links: JSON.stringify(blocks).match(/"href":"[^"]+"/g),
        code: blocks.flatMap((block) => ('code' in block ? block.code : [])),
      })),
    )
    for (const shape of shapes.slice(1)) expect(shape).toEqual(shapes[0])
    expect(shapes[0]!.length).toBeGreaterThan(4)
  })

  test('stands at the foot of every page, may be shared, and is answered 304 to who has it', async () => {
    for (const base of ['', '/es'])
      for (const from of ['/', '/results', '/nowhere']) {
        const page = await person.get(base + from, { accept: 'text/html' })
        expect(page.html).toContain(`<a href="${base}${path}">`)
      }
    const page = await person.get(path)
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toMatch(/^public, max-age=5, s-maxage=15/)
    const again = await person.get(path, { 'if-none-match': page.headers.get('etag')! })
    expect([again.status, again.html]).toEqual([304, ''])
  })

  test('leads nowhere that is not there', async () => {
    const { html } = await person.get(path)
    const [, main = ''] = /<main[^>]*>([\s\S]*?)<\/main>/.exec(html)!
    const links = [...main.matchAll(/<a href="(\/[^"]*)"/g)].map(([, href]) => href!)
    expect(links.length).toBeGreaterThan(0)
    for (const href of links) {
      const [address = '', anchor] = href.split('#')
      const target = await person.get(address)
      expect(target.status).toBe(200)
      if (anchor) expect(target.html).toContain(`id="${anchor}"`)
    }
  })
})

describe('what is said of privacy is so:', () => {
  test('a submission’s link leads to its row; withdrawn, it is gone from both, but not from the past', async () => {
    const { submission, receipt, position } = await submit(service.url, { housing: 10_000 })
    const link = `${service.url}/api/submissions/${submission}`
    const rowsOf = async (at: string) => {
      const { text } = await ask(`${service.url}/api/polls/us-federal/submissions?format=csv&position=${at}`)
      return text.split('\r\n').filter((row) => row.split(',')[3] === position)
    }
    const shown = (await ask(link)).json as { position: string; submittedAt: string }
    const [row, ...others] = await rowsOf(position)
    expect(others).toEqual([])
    expect(row).toContain(`,${shown.submittedAt},${shown.position},`)
    const withdrawn = await ask(link, { method: 'DELETE', headers: { receipt } })
    expect(await rowsOf((withdrawn.json as { position: string }).position)).toEqual([])
    expect((await ask(link)).json).toMatchObject({ status: 'withdrawn', allocation: null })
    expect(await rowsOf(position)).toEqual([row])
    expect((await ask(`${link}?position=${position}`)).json).toMatchObject({
      allocation: { housing: 10_000 },
    })
    const english = words((await person.get('/en/privacy')).html)
    expect(english).toContain(
      'whoever has the address of the page sees the split and its times there, and finds its row',
    )
    expect(english).toContain('it can be seen by whoever asks for a moment at which it counted')
    const spanish = words((await person.get('/es/privacy')).html)
    expect(spanish).toContain(
      'quien tiene la dirección de la página ve allí el reparto y sus horas, y con ellos encuentra',
    )
    expect(spanish).toContain('puede verlo quien pregunte por un momento en el que contaba')
  })
})

describe('the worked example', () => {
  test('is computed: exaggerating moves the mean and not the truthful budget', async () => {
    const text = words((await person.get('/method/truthful')).html)
    for (const sentence of [
      'Ana wants 60 % for parks, Ben 30 %, Cleo 20 %. The mean is 36.7 %.',
      'The mean jumps to 50.0 %, much nearer to the 60 % that she does want.',
      'with seven marks the fourth. That is 33.3 % for parks',
      'the middle one is the same, 33.3 %.',
      'if Ben came to want 50 % for parks, the result would be 50.0 %.',
    ])
      expect(text).toContain(sentence)
  })

  test('puts the fixed marks where the middle of all is what comes out', () => {
    for (const asked of [
      [6000, 3000, 2000],
      [10_000, 3000, 2000],
      [6000, 5000, 2000],
    ]) {
      const { fixed, truthful } = outcomeOf(asked)
      expect(fixed).toHaveLength(asked.length + 1)
      const inOrder = [...asked, ...fixed].sort((a, b) => a - b)
      expect(truthful).toBeCloseTo(inOrder[asked.length]!, 9)
    }
  })
})

const unescaped = (html: string): string =>
  html.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&gt;', '>').replaceAll('&amp;', '&')

test('the commands of the method page recount every published number', async () => {
  const view = viewsOf('method')[0]!
  const commands = view.sections
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => ('code' in block ? block.code : []))
  // A test service does not know its port before it listens.
  const shown = unescaped((await person.get('/method')).html).replaceAll(
    'http://localhost:0',
    'http://localhost',
  )
  for (const command of commands) expect(shown).toContain(command)
  const folder = await mkdtemp(join(tmpdir(), 'taxbudget-recount-'))
  const project = join(import.meta.dirname, '..', '..')
  const script = commands
    .join('\n')
    .replaceAll('http://localhost', service.url)
    .replaceAll('npm run taxbudget --', `"${process.execPath}" "${join(project, 'src', 'cli', 'main.ts')}"`)
  const environment = { PATH: process.env.PATH, DATA_DIR: folder }
  const run = promisify(execFile)
  const { stdout, stderr } = await run('sh', ['-e', '-c', script], { cwd: folder, env: environment })
  await rm(folder, { recursive: true })
  const answer = await fetch(`${service.url}/api/polls/us-federal/results`)
  const published = (await answer.json()) as ResultsView
  expect(Number(stdout.split('\n')[0])).toBeCloseTo(published.categories[0]!.mean! / 100, 10)
  const [, same, all] = /([\d,]+) of ([\d,]+) numbers are as published/.exec(stdout + stderr)!
  expect(same).toBe(all)
  expect(Number(all)).toBeGreaterThan(100)
}, 60_000)
