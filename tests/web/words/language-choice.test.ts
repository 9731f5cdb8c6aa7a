import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localeOf, withoutLanguage } from '../../../src/web/locale.ts'
import { startTestService, type TestService } from '../../support/service.ts'
import { Person } from '../person.ts'

let service: TestService
let person: Person
beforeAll(async () => {
  service = await startTestService({ PUBLIC_URL: 'https://budget.example.org' })
  person = new Person(service.url)
})
afterAll(() => service.close())

const speaks = (acceptLanguage?: string, originalUrl = '/') =>
  localeOf({ originalUrl, headers: { 'accept-language': acceptLanguage } }).language

describe('the language', () => {
  test.each([
    [undefined, 'en'],
    ['', 'en'],
    ['es', 'es'],
    ['es-MX,es;q=0.9,en;q=0.8', 'es'],
    ['ES-419', 'es'],
    ['en-GB,es;q=0.9', 'en'],
    ['en;q=0.5,es', 'es'],
    ['fr,de', 'en'],
    ['fr,es;q=0.1', 'es'],
    ['*', 'en'],
    ['es;q=0, *', 'en'],
    ['%%;;=,', 'en'],
  ])('of a browser that wants %j is %s', (header, language) => {
    expect(speaks(header)).toBe(language)
  })

  test('that the address names is stronger than the browser’s', () => {
    expect(speaks('en', '/es/results?a=b')).toBe('es')
    expect(speaks('es', '/en')).toBe('en')
    expect(speaks('es', '/english')).toBe('es')
  })
})

test.each([
  ['/es/results?a=b', '/results?a=b'],
  ['/es/', '/'],
  ['/es', '/'],
  ['/en?a', '/?a'],
  ['/es/es/results', '/es/results'],
  ['/results', '/results'],
  ['/estates', '/estates'],
  ['/fr/results', '/fr/results'],
  ['/es/api/polls', '/es/api/polls'],
  ['/es/assets/style.css', '/es/assets/style.css'],
  ['/es/operator', '/es/operator'],
  ['/api/polls/es/results', '/api/polls/es/results'],
  ['*', '*'],
])('%s is routed as %s', (address, route) => {
  expect(withoutLanguage(address)).toBe(route)
})

describe.each(['/', '/results', '/trends', '/history', '/nowhere'])('%s', (path) => {
  test('without a language follows the browser, and tells caches so', async () => {
    const [plain, spanish] = [await person.get(path), await person.get(path, { 'accept-language': 'es' })]
    expect(plain.html).toContain('<html lang="en">')
    expect(spanish.html).toContain('<html lang="es">')
    for (const { headers } of [plain, spanish]) expect(headers.get('vary')).toContain('accept-language')
    const cookies = plain.headers.getSetCookie().filter((line) => !line.startsWith('forms='))
    expect(cookies).toEqual([])
    expect(plain.html).not.toMatch(/<(a|form)\b[^>]*(href|action)="\/en/)
  })

  test('in a language is the same for every browser, and leads to itself in the other one, query and all', async () => {
    const ask = (address: string) => person.get(address, { 'accept-language': 'en' })
    const spanish = await ask(`/es${path}`)
    expect(spanish.html).toContain('<html lang="es">')
    expect(spanish.headers.get('vary')).toBe('accept-encoding')
    const query = path === '/trends' ? '?view=period&bucket=day' : ''
    const asked = await ask(`/es${path}${query}`)
    const escaped = `${path}${query}`.replaceAll('&', '&amp;')
    expect(asked.html).toContain(
      `<a href="/en${escaped}" lang="en" hreflang="en" rel="alternate">English</a>`,
    )
    expect((await ask(`/en${path}`)).html).toContain(`<a href="/es${path}" lang="es"`)
  })
})

test('the past in another language is the same past', async () => {
  const { html } = await person.get('/es/results?position=1&utm_source=x')
  expect(html).toContain('href="/en/results?position=1&amp;utm_source=x"')
  expect((await person.get('/es/results?utm_source=x')).html).toContain('<a href="/en/results"')
})

describe('search engines', () => {
  test.each(['/', '/results', '/trends'])('know %s by one address in each language', async (path) => {
    for (const [address, language] of [
      [`${path}?utm_source=x`, 'en'],
      [`/es${path}`, 'es'],
    ] as const) {
      const { html } = await person.get(address)
      expect(html).toContain(`<link rel="canonical" href="https://budget.example.org/${language}${path}">`)
      for (const [hreflang, prefix] of [
        ['en', '/en'],
        ['es', '/es'],
        ['x-default', ''],
      ])
        expect(html).toContain(`hreflang="${hreflang}" href="https://budget.example.org${prefix}${path}">`)
      expect(html).toMatch(/<meta name="description" content="[^"]{40,}">/)
      expect(html).not.toContain('noindex')
    }
  })

  test.each(['/history', '/nowhere'])('are told to leave %s', async (path) => {
    const { html } = await person.get(path)
    expect(html).toContain('<meta name="robots" content="noindex">')
    expect(html).not.toContain('canonical')
  })
})

test.each(['/results', '/trends'])('%s is another page in another language to who has it', async (path) => {
  const english = await person.get(path)
  const spanish = await person.get(path, { 'accept-language': 'es' })
  const etag = english.headers.get('etag')!
  expect(spanish.headers.get('etag')).not.toBe(etag)
  const again = await person.get(path, { 'if-none-match': etag, 'accept-language': 'es' })
  expect(again.status).toBe(200)
  const same = await person.get(path, { 'if-none-match': etag, 'accept-language': 'en' })
  expect([same.status, same.headers.get('vary')]).toEqual([304, expect.stringContaining('accept-language')])
})

test('the API has no language', async () => {
  expect((await person.get('/es/api/polls')).status).toBe(404)
  const { headers } = await person.get('/api/polls', { 'accept-language': 'es' })
  expect([headers.get('content-language'), headers.get('vary')]).toEqual([null, null])
})
