/** Sharing in a real browser: copying, the widget on somebody else's site, the poster, the big screen in a hall. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, sizes } from './browser.ts'
import { longTitle, pollOf } from './poll-of.ts'
import { readQr } from './read-qr.ts'

const publicUrl = 'http://budget.example.org'

let service: TestService
let browser: Browser
let page: Page
let complaints: string[]
let submission: string

const vote = (poll: string, allocation: Record<string, number>) =>
  submitAllocation(service.services.commands, { poll, allocation, via: 'simulation' })

beforeAll(async () => {
  service = await startTestService({ PUBLIC_URL: publicUrl })
  browser = await openBrowser()
  for (const [poll, categories] of [
    ['town20', 20],
    ['town40', 40],
    ['moving', 3],
  ] as const)
    await openPoll(service.services.commands, pollOf(poll, longTitle, categories))
  submission = (await vote('us-federal', { health: 6000, other: 4000 })).submission
  await vote('town20', { c0: 10_000 })
  await vote('town40', { c0: 10_000 })
  await vote('moving', { c0: 10_000 })
  for (const poll of ['us-federal', 'town20', 'town40', 'moving'])
    await eventually(async () =>
      expect((await service.services.results.results(poll)).aggregate.counted).toBe(1),
    )
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

async function open(path: string, options: BrowserContextOptions = {}, init?: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.desktop, ...options })
  page = await context.newPage()
  if (init) await page.addInitScript(init)
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(path)
  return page
}

const halls = [
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
  [1024, 768],
] as const

interface Box {
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const boxesOf = (selector: string) =>
  page.evaluate(
    `[...document.querySelectorAll('${selector}')].map((element) => element.getBoundingClientRect().toJSON())`,
  ) as Promise<Box[]>

const scrolls = () =>
  page.evaluate(
    '[document.documentElement.scrollWidth > innerWidth, document.documentElement.scrollHeight > innerHeight]',
  )

describe('the block for sharing', () => {
  test('copies the link, and says so', async () => {
    await open('/en/results', { permissions: ['clipboard-read', 'clipboard-write'] })
    const button = page.getByRole('button', { name: 'Copy: Link to this page' })
    await button.click()
    await eventually(async () =>
      expect(await page.locator('[data-share-status]').textContent()).toBe('Copied'),
    )
    const link = await page.getByLabel('Link to this page', { exact: true }).inputValue()
    expect(link).toMatch(/\/results$/)
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link)
    expect(complaints).toEqual([])
  })

  test('hands the link to the device’s own menu where there is one', async () => {
    const menu = `
      navigator.canShare = () => true
      navigator.share = async (what) => { globalThis.handed = what }`
    await open(`/en/submissions/${submission}`, {}, menu)
    await page.getByRole('button', { name: 'Share…' }).click()
    const handed = await page.evaluate('globalThis.handed')
    expect(handed).toMatchObject({ url: expect.stringMatching(new RegExp(`/submissions/${submission}$`)) })
  })

  test('offers nothing that is not there', async () => {
    await open('/en/results', {}, 'delete Navigator.prototype.canShare')
    expect(await page.getByRole('button', { name: 'Share…' }).count()).toBe(0)
    await page.context().close()
    await open('/en/results', { javaScriptEnabled: false })
    expect(await page.getByRole('button', { name: /Copy|Share/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Send by e-mail' }).getAttribute('href')).toMatch(
      /^mailto:\?/,
    )
    await page.getByRole('link', { name: 'Poster, big screen, widget' }).click()
    await page.waitForURL('**/en/share')
  })

  test('loads the picture when somebody wants to see it, and no earlier', async () => {
    await open('/en/results')
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByRole('heading', { name: 'Share' }).scrollIntoViewIfNeeded()
    expect(asked.filter((url) => url.includes('picture.png'))).toEqual([])
    await page.getByText('How the link looks').click()
    const picture = page.getByRole('img', { name: /^Bar chart, mean of 1/ })
    const width = () =>
      picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)
    await eventually(async () => expect(await width()).toBe(1200))
  })
})

/** Somebody else's site, which frames what it is given. */
async function elsewhere(framed: string): Promise<Server> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(`<!doctype html><title>News</title>${framed}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

describe('on somebody else’s site', () => {
  test.each([
    ['/en/polls/town20/share', '/en/polls/town20', 'Divide yours'],
    ['/es/share', '/es/', 'Haga su reparto'],
  ])(
    'the snippet of %s shows the widget, without scrolling, and its links open elsewhere',
    async (path, form, name) => {
      await open(path)
      const snippet = await page.locator('#snippet').inputValue()
      await page.context().close()
      // The service says where people reach it; a test's own port is known to nobody.
      const site = await elsewhere(snippet.replace(/src="[^"]*?(?=\/(en|es)\/)/, `src="${service.url}`))
      try {
        await open(addressOf(site))
        const frame = page.frameLocator('iframe')
        await frame.getByRole('heading', { level: 1 }).waitFor()
        for (const width of [300, 375, 900]) {
          await page.setViewportSize({ width, height: 900 })
          const overflow =
            '[document.documentElement.scrollHeight > innerHeight, document.documentElement.scrollWidth > innerWidth]'
          expect(await page.frames()[1]!.evaluate(overflow), `${width} px`).toEqual([false, false])
        }
        const [opened] = await Promise.all([
          page.context().waitForEvent('page'),
          frame.getByRole('link', { name }).click(),
        ])
        expect(opened.url()).toBe(`${service.url}${form}`)
        expect(complaints).toEqual([])
      } finally {
        site.close()
      }
    },
  )

  test.each(['/en/', '/en/results', '/en/share', '/en/screen'])(
    '%s is not shown in a frame',
    async (path) => {
      const site = await elsewhere(`<iframe src="${service.url}${path}"></iframe>`)
      try {
        await open(addressOf(site))
        await eventually(() => expect(complaints.join()).toContain("frame-ancestors 'none'"))
        await eventually(() => expect(page.frames()[1]!.url()).toBe('chrome-error://chromewebdata/'))
      } finally {
        site.close()
      }
    },
  )
})

test('the page for sharing shows the widget itself', async () => {
  await open('/en/share')
  await page.locator('iframe').scrollIntoViewIfNeeded()
  await page.frameLocator('iframe').getByRole('link', { name: 'All results' }).waitFor()
  expect(complaints).toEqual([])
})

describe('the QR code', () => {
  test.each([
    ['on the poster', '/es/poster', 'light'],
    ['on the poster by night', '/es/poster', 'dark'],
    ['on the big screen', '/es/screen', 'light'],
    ['on the big screen by night', '/es/screen', 'dark'],
  ] as const)('%s is read by a camera', async (_where, path, colorScheme) => {
    await open(path, { colorScheme })
    const shown = PNG.sync.read(await page.screenshot())
    expect(readQr(shown)).toBe(`${publicUrl}/es/`)
  })

  test('is read on paper, which has nothing else but what it is about', async () => {
    await open('/en/polls/town20/poster')
    await page.emulateMedia({ media: 'print' })
    await page.setViewportSize({ width: 794, height: 1123 })
    expect(readQr(PNG.sync.read(await page.screenshot()))).toBe(`${publicUrl}/en/polls/town20`)
    for (const format of ['A4', 'Letter']) {
      const pdf = (await page.pdf({ format })).toString('latin1')
      expect(pdf.match(/\/Type\s*\/Page\b/g), format).toHaveLength(1)
    }
    expect(await page.getByRole('navigation').filter({ visible: true }).count()).toBe(0)
    expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0)
    await page.getByText('/en/polls/town20', { exact: false }).last().waitFor()
  })
})

describe('the big screen', () => {
  test('given few categories, writes long names in two lines', async () => {
    await open('/en/polls/moving/screen')
    const [long, short] = await page.evaluate<[number, number]>(
      `['c0', 'c1'].map((id) => document.querySelector('[data-row=' + id + '] .name').offsetHeight)`,
    )
    expect(long).toBeGreaterThan(short * 1.5)
    expect(await page.evaluate('document.documentElement.scrollHeight <= innerHeight')).toBe(true)
  })

  test.each(['/en/screen', '/es/screen', '/es/polls/town20/screen', '/en/polls/town40/screen'])(
    '%s scrolls nowhere, cuts nothing off and lets nothing lie on anything else',
    async (path) => {
      await open(path)
      for (const [width, height] of halls) {
        await page.setViewportSize({ width, height })
        const at = `${width} × ${height}`
        expect(await scrolls(), at).toEqual([false, false])
        const boxes = await boxesOf('[data-row], .hall-more, .hall-code, .hall footer')
        expect(boxes.length).toBeGreaterThan(10)
        for (const { right, bottom } of boxes) {
          expect(right, at).toBeLessThanOrEqual(width)
          expect(bottom, at).toBeLessThanOrEqual(height)
        }
        const [footer] = await boxesOf('.hall footer')
        const rows = await boxesOf('[data-row]')
        for (const { bottom } of rows) expect(bottom, at).toBeLessThanOrEqual(footer!.top + 1)
        expect(rows[1]!.top, at).toBeGreaterThanOrEqual(rows[0]!.bottom - 1)
      }
    },
  )

  test('is written large enough for the back of a hall', async () => {
    await open('/en/screen')
    for (const [width, height] of halls) {
      await page.setViewportSize({ width, height })
      const size = await page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('[data-row] strong')).fontSize)",
      )
      expect(Number(size) / Math.min(height, (width * 9) / 16)).toBeGreaterThan(0.04)
    }
  })

  test('follows the results without being loaded again', async () => {
    await open('/en/polls/moving/screen')
    await page.evaluate('globalThis.sameDocument = true')
    expect(await page.locator('.hall-count').textContent()).toMatch(/^\s*1\s/)
    await vote('moving', { c1: 10_000 })
    await eventually(
      async () => expect(await page.locator('.hall-count strong').textContent()).toBe('2'),
      20_000,
    )
    expect(await page.locator('[data-row=c1] strong').textContent()).toBe('50.0\u00a0%')
    expect(await page.locator('[data-row=c1] [data-live-width]').getAttribute('width')).toBe('100.00%')
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true)
    expect(complaints).toEqual([])
  })

  test('says when it cannot follow, and stops saying it when it can', async () => {
    await open('/en/screen')
    const state = page.locator('[data-live-state]')
    await eventually(async () => expect(await state.textContent()).toMatch(/^Live, updated/))
    await page.context().setOffline(true)
    await page.routeWebSocket(/\/live$/, (socket) => socket.close())
    await page.evaluate("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('pageshow'))")
    await eventually(async () => expect(await state.textContent()).toMatch(/^Not live: trying again/), 20_000)
  }, 60_000)

  test('fills the screen with the key F and with its button, unless the key is switched off', async () => {
    await open('/en/screen')
    const isFull = () => page.evaluate('document.fullscreenElement !== null')
    await page.keyboard.press('f')
    await eventually(async () => expect(await isFull()).toBe(true))
    expect(await page.getByRole('button', { name: 'Full screen' }).isVisible()).toBe(false)
    await page.keyboard.press('F')
    await eventually(async () => expect(await isFull()).toBe(false))
    await page.getByRole('button', { name: 'Full screen' }).click()
    await eventually(async () => expect(await isFull()).toBe(true))
    await page.keyboard.press('f')
    await eventually(async () => expect(await isFull()).toBe(false))
    await page.getByLabel('Key F').uncheck()
    await page.keyboard.press('f')
    expect(await isFull()).toBe(false)
  })

  test('without a script is loaded again by itself', async () => {
    await open('/en/screen', { javaScriptEnabled: false })
    expect(await page.getByRole('button', { name: 'Full screen' }).count()).toBe(0)
    await page.waitForEvent('framenavigated', { timeout: 30_000 })
  }, 40_000)
})
