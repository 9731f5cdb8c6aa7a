/** What a poll is shared by, through HTTP: pictures, tags, QR codes, the widget and who may frame or keep what. */
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { submit } from './api-client.ts'
import { Person } from './person.ts'
import { longTitle, pollOf } from './poll-of.ts'
import { readQr } from './read-qr.ts'

const publicUrl = 'https://budget.example.org'

let service: TestService
let own: Awaited<ReturnType<typeof submit>>

beforeAll(async () => {
  service = await startTestService({ PUBLIC_URL: publicUrl })
  await openPoll(service.services.commands, pollOf('town', longTitle, 20))
  await openPoll(service.services.commands, pollOf('widest', 'W'.repeat(200), 100))
  own = await submit(service.url, { health: 6000, education: 4000 })
  await submit(service.url, { other: 10_000 })
  await eventually(async () => expect(await (await get('/results')).text()).toContain('>2</dd>'))
})
afterAll(() => service.close())

const get = (path: string, headers: Record<string, string> = {}) => fetch(service.url + path, { headers })
const pngOf = async (answer: Response) => PNG.sync.read(Buffer.from(await answer.arrayBuffer()))
const ofOwn = (path = '') => `/submissions/${own.submission}${path}`

/** Whether the outermost pixels are all paper: nothing runs out of the picture. */
function isFramed({ width, height, data }: PNG, margin: number): boolean {
  const isPaper = (x: number, y: number) =>
    [0, 1, 2].every((channel) => data[(y * width + x) * 4 + channel] === data[channel])
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isInside = x >= margin && x < width - margin && y >= 30 && y < height - 30
      if (!isInside && !isPaper(x, y)) return false
    }
  return true
}

const isInked = ({ data }: PNG): boolean => data.some((value, index) => index % 4 === 0 && value < 60)

describe.each(['en', 'es'])('pictures in %s', (language) => {
  test.each([
    ['the form', () => '/picture.png'],
    ['the results', () => '/results/picture.png'],
    ['a poll of 20 categories with a long title', () => '/polls/town/results/picture.png'],
    ['the form of 100 categories with the widest title', () => '/polls/widest/picture.png'],
    ['a submission', () => ofOwn('/picture.png')],
  ])('of %s are PNGs of 1200 × 630 with nothing at their edges', async (_what, path) => {
    const answer = await get(`/${language}${path()}`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(answer.headers.get('content-language')).toBe(language)
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    const png = await pngOf(answer)
    expect([png.width, png.height]).toEqual([1200, 630])
    expect(isInked(png)).toBe(true)
    expect(isFramed(png, 60)).toBe(true)
  })
})

describe('a picture', () => {
  test('is of the language of its address, else of the browser', async () => {
    const bytes = async (path: string, language = 'en') =>
      Buffer.from(await (await get(path, { 'accept-language': language })).arrayBuffer())
    const [english, spanish, chosen] = await Promise.all([
      bytes('/en/results/picture.png'),
      bytes('/es/results/picture.png'),
      bytes('/results/picture.png', 'es'),
    ])
    expect(english.equals(spanish)).toBe(false)
    expect(chosen.equals(spanish)).toBe(true)
  })

  test('of the results is shared by caches and known by its tag', async () => {
    const { headers } = await get('/en/results/picture.png')
    expect(headers.get('cache-control')).toMatch(/^public, .*s-maxage=15/)
    expect(headers.get('vary')).toBe('accept-encoding')
    expect((await get('/results/picture.png')).headers.get('vary')).toContain('accept-language')
    const again = await get('/en/results/picture.png', { 'if-none-match': headers.get('etag')! })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const other = await get('/es/results/picture.png', { 'if-none-match': headers.get('etag')! })
    expect(other.status).toBe(200)
  })

  test('of a submission is the same for its owner and for others, and caches keep it for nobody', async () => {
    const cookie = `receipt=${own.submission}.${own.receipt}`
    const [owners, others] = await Promise.all([
      get(`/en${ofOwn('/picture.png')}`, { cookie }),
      get(`/en${ofOwn('/picture.png')}`),
    ])
    expect(owners.headers.get('set-cookie')).toBeNull()
    expect(others.headers.get('cache-control')).toBe('private, no-cache')
    const etag = others.headers.get('etag')!
    expect(owners.headers.get('etag')).toBe(etag)
    expect(Buffer.from(await owners.arrayBuffer()).equals(Buffer.from(await others.arrayBuffer()))).toBe(true)
    expect((await get(`/en${ofOwn('/picture.png')}`, { 'if-none-match': etag })).status).toBe(304)
  })

  test('of a submission follows when it is revised, and goes when it is withdrawn', async () => {
    const { submission, receipt } = await submit(service.url, { health: 10_000 })
    const path = `/en/submissions/${submission}/picture.png`
    const change = (method: string, body?: object) =>
      fetch(`${service.url}/api/submissions/${submission}`, {
        method,
        headers: { receipt, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
    const before = Buffer.from(await (await get(path)).arrayBuffer())
    await change('PUT', { allocation: { environment: 10_000 } })
    expect(Buffer.from(await (await get(path)).arrayBuffer()).equals(before)).toBe(false)
    expect(await (await get(`/en/submissions/${submission}`)).text()).toContain('og:image')
    await change('DELETE')
    expect((await get(path)).status).toBe(409)
    expect(await (await get(`/en/submissions/${submission}`)).text()).not.toContain('picture.png')
  })

  test.each(['/polls/none/picture.png', '/polls/none/results/picture.png', '/submissions/x/picture.png'])(
    'of nothing is none: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404)
    },
  )
})

const metaIn = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)">/g)].map(
      ([, name, value]) => [name!, value!],
    ),
  )

describe('where a page is shared', () => {
  test.each([
    ['the form', () => '/', '/polls/us-federal/picture.png'],
    ['the results', () => '/results', '/polls/us-federal/results/picture.png'],
    ['a submission', () => ofOwn(), () => ofOwn('/picture.png')],
    ['the page for sharing', () => '/share', '/polls/us-federal/picture.png'],
  ])('%s shows its own picture', async (_what, path, picture) => {
    const file = typeof picture === 'string' ? picture : picture()
    for (const language of ['en', 'es']) {
      const meta = metaIn(await (await get(`/${language}${path()}`)).text())
      const image = `${publicUrl}/${language}${file}`
      expect(meta).toMatchObject({ 'og:image': image, 'twitter:image': image })
      expect(meta).toMatchObject({ 'og:image:width': '1200', 'og:image:height': '630' })
      expect(meta['twitter:card']).toBe('summary_large_image')
      expect(meta['og:image:alt']!.length).toBeGreaterThan(20)
      expect((await get(`/${language}${file}`)).status).toBe(200)
    }
  })

  test('the form’s picture tells nobody what others want', async () => {
    const meta = metaIn(await (await get('/en/')).text())
    expect(meta['og:image:alt']).not.toMatch(/Healthcare|mean/i)
  })

  test('one’s own page is shared as somebody’s, without the receipt', async () => {
    const person = new Person(service.url)
    const { html } = await person.get(`/en${ofOwn()}`)
    const cookie = `receipt=${own.submission}.${own.receipt}`
    const mine = await (await get(`/en${ofOwn()}`, { cookie })).text()
    expect(mine).toContain('This is your receipt.')
    expect(metaIn(mine)).toEqual(metaIn(html))
    const block = (page: string) => /<section class="share"[\s\S]*?<\/section>/.exec(page)![0]
    expect(block(mine)).toBe(block(html))
    expect(block(mine)).toContain(`value="${publicUrl}${ofOwn()}"`)
    expect(block(mine)).not.toContain(own.receipt)
  })

  test('a moment of the past has no picture: it would show another one', async () => {
    for (const path of ['/en/results?position=2', `/en${ofOwn('?position=99')}`])
      expect(await (await get(path)).text()).not.toContain('picture.png')
  })
})

describe('a QR code', () => {
  test.each([
    ['/qr.png', `${publicUrl}/`],
    ['/es/qr.png', `${publicUrl}/es/`],
    ['/polls/town/qr.png', `${publicUrl}/polls/town`],
    ['/en/polls/town/qr.png', `${publicUrl}/en/polls/town`],
  ])('%s leads to the form', async (path, address) => {
    const png = await pngOf(await get(path))
    expect(readQr(png)).toBe(address)
    expect(png.width).toBeGreaterThan(500)
  })

  test('is black on white, with four white modules around it, as PNG and as SVG', async () => {
    const png = await pngOf(await get('/qr.png'))
    const svg = await (await get('/qr.svg')).text()
    const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)![1])
    const size = png.width / modules
    expect(Number.isInteger(size)).toBe(true)
    const dark = (x: number, y: number) => png.data[(y * png.width + x) * 4] === 0
    const seen = new Set(png.data)
    expect([...seen].sort()).toEqual([0, 255])
    for (let at = 0; at < png.width; at++)
      for (let edge = 0; edge < 4 * size; edge++)
        expect(dark(at, edge) || dark(edge, at) || dark(at, png.width - 1 - edge)).toBe(false)
    expect(dark(4 * size, 4 * size)).toBe(true)
    expect(svg).toMatch(/fill="#fff"\/><path d="M4 4h7v1/)
  })

  test('may be kept and used elsewhere', async () => {
    const { headers } = await get('/qr.svg')
    expect(headers.get('content-type')).toBe('image/svg+xml')
    expect(headers.get('cache-control')).toMatch(/^public/)
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect((await get('/qr.svg', { 'if-none-match': headers.get('etag')! })).status).toBe(304)
    expect((await get('/polls/none/qr.svg')).status).toBe(404)
  })
})

describe('the widget', () => {
  test('may be framed by anybody, sends nothing and sets no cookies', async () => {
    const { headers } = await get('/embed/polls/us-federal')
    expect(headers.get('x-frame-options')).toBeNull()
    expect(headers.get('content-security-policy')).toMatch(/form-action 'none'.*frame-ancestors \*/)
    expect(headers.get('set-cookie')).toBeNull()
  })

  test('is cached as the results are', async () => {
    const [widget, results] = await Promise.all(
      ['/en/embed/polls/us-federal', '/en/results'].map((p) => get(p)),
    )
    for (const name of ['cache-control', 'vary'])
      expect(widget!.headers.get(name)).toBe(results!.headers.get(name))
    const etag = widget!.headers.get('etag')!
    expect(`${etag.slice(0, -1)}.5"`, 'which alone tells of a bloc').toBe(results!.headers.get('etag'))
    expect((await get('/en/embed/polls/us-federal', { 'if-none-match': etag })).status).toBe(304)
  })

  test('is the only page that may be framed', async () => {
    for (const path of ['/', '/results', '/share', '/poster', '/screen', ofOwn(), '/embed/polls/none']) {
      const { headers } = await get(path)
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'")
      expect(headers.get('x-frame-options'), path).toBe('DENY')
    }
  })

  test('leads to the poll in a new tab, and names what it shows', async () => {
    const html = await (await get('/en/embed/polls/us-federal')).text()
    const links = [...html.matchAll(/<a [^>]*>/g)].map(([tag]) => tag)
    expect(links).toHaveLength(2)
    for (const link of links) expect(link).toMatch(/href="\/en\/.*target="_blank" rel="noopener"/)
    expect(html).toContain('30.0\u00a0%')
  })

  test('comes with a snippet that frames it at a height', async () => {
    const answer = await get('/en/polls/town/share')
    const snippet = /<textarea[^>]*>([^<]*)</.exec(await answer.text())![1]!
    expect(snippet).toContain(`&lt;iframe src=&#34;${publicUrl}/en/embed/polls/town&#34;`)
    expect(snippet).toMatch(/height=&#34;\d{3}&#34;/)
    expect(answer.headers.get('content-security-policy')).toContain("frame-src 'self'")
  })
})

describe('the big screen', () => {
  test('is loaded again by browsers without scripts alone', async () => {
    const html = await (await get('/screen')).text()
    expect(html).toContain('<noscript><meta http-equiv="refresh" content="10"></noscript>')
  })

  test('is cached as the results are', async () => {
    const { headers } = await get('/en/screen')
    const results = (await get('/en/results')).headers.get('etag')
    expect(`${headers.get('etag')!.slice(0, -1)}.5"`, 'which alone tells of a bloc').toBe(results)
  })

  test('shows the largest of very many categories, and how many it leaves out', async () => {
    const allocation = { c99: 10_000 }
    await submitAllocation(service.services.commands, { poll: 'widest', allocation, via: 'simulation' })
    await eventually(async () => {
      const html = await (await get('/en/polls/widest/screen')).text()
      expect(html.match(/data-row=/g)).toHaveLength(23)
      expect(html).toContain('data-row="c99"')
      expect(html).toContain('and 77 more')
    })
  })
})
