/** The page of results as a browser shows it: without a script, on paper, in dark, for eyes that see no colours. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, schemes, sizes } from './browser.ts'

let service: TestService
let browser: Browser
let page: Page

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  for (const health of [0, 1000, 2500, 2817, 10_000])
    await submitAllocation(service.services.commands, {
      ...{ poll: 'us-federal', via: 'simulation' as const },
      allocation: { health: health - (health % 100), other: 10_000 - (health - (health % 100)) },
    })
  await eventually(async () =>
    expect(await (await fetch(`${service.url}/results`)).text()).toContain('data-counted="5"'),
  )
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.phone, ...options })
  page = await context.newPage()
  await page.goto(path)
}

/** How the first of these is filled. */
const fillOf = (selector: string): Promise<string> =>
  page.evaluate(`getComputedStyle(document.querySelector('${selector}')).fill`)

test('without a script every table is one click away, and a bloc of another size too', async () => {
  await open('/results', { javaScriptEnabled: false })
  const table = page.getByRole('table', { name: 'The collective budget in numbers' })
  expect(await table.isVisible()).toBe(false)
  await page.locator('#collective-numbers summary').click()
  expect(await table.isVisible()).toBe(true)
  expect(await table.getByRole('row').count()).toBe(11)
  await page.getByRole('button', { name: '10\u00a0%' }).click()
  await page.waitForURL('**/results?bloc=10#bloc')
  expect(await page.getByRole('button', { name: '10\u00a0%' }).getAttribute('aria-current')).toBe('true')
  expect(await page.getByRole('heading', { name: 'What a bloc would do' }).isVisible()).toBe(true)
})

test('every chart is one picture with a name and a description', async () => {
  await open('/results')
  const charts = page.locator('svg[role=img]')
  expect(await charts.count()).toBe(13)
  for (const chart of await charts.all()) {
    const named = (await chart.getAttribute('aria-labelledby'))!.split(' ')
    for (const id of named) expect((await page.locator(`#${id}`).textContent())!.length).toBeGreaterThan(10)
  }
})

test('on paper the tables stand behind their charts, and nothing that one could only press', async () => {
  await open('/results', { viewport: sizes.desktop })
  await page.emulateMedia({ media: 'print' })
  for (const name of ['The collective budget in numbers', 'Distribution of Healthcare'])
    expect(await page.getByRole('table', { name }).isVisible()).toBe(true)
  for (const button of await page.getByRole('button').all()) expect(await button.isVisible()).toBe(false)
  expect(await page.getByRole('img', { name: 'The collective budget' }).isVisible()).toBe(true)
})

describe.each(schemes)('in %s', (colorScheme) => {
  test('parts that touch differ by more than colour, and numbers stand beside what they measure', async () => {
    await open('/results', { colorScheme })
    expect(await fillOf('.part.less')).toContain('url(')
    const fills = [await fillOf('.part.same'), await fillOf('.part.more')]
    expect(new Set(fills).size).toBe(2)
    const row = page.locator('#than-now-chart-title + desc ~ svg').first()
    expect((await row.textContent())!.replace(/\s+/g, ' ')).toContain('80 % less')
    const collective = page.locator('[aria-labelledby^="collective-chart"] svg[data-category="health"]')
    for (const text of ['28.2\u00a0%', '26.5\u00a0%']) expect(await collective.textContent()).toContain(text)
    expect(await collective.locator('.diamond').count()).toBe(2)
  })
})

test('labels of a chart never run into each other or out of it, on a phone, in both languages', async () => {
  for (const path of ['/results?bloc=20', '/es/results?bloc=20']) {
    await open(path)
    const overlaps = await page.evaluate(`[...document.querySelectorAll('svg.bars')].flatMap((chart) => {
      const frame = chart.getBoundingClientRect()
      const texts = [...chart.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
      const out = texts.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1).map(({ text }) => text)
      const touching = texts.flatMap((one, i) => texts.slice(i + 1).filter((other) =>
        one.box.left < other.box.right && other.box.left < one.box.right &&
        one.box.top + 3 < other.box.bottom && other.box.top + 3 < one.box.bottom).map((other) => one.text + ' × ' + other.text))
      return [...out, ...touching]
    })`)
    expect(overlaps).toEqual([])
    if (path.startsWith('/results')) await page.context().close()
  }
})
