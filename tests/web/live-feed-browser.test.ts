/** What pages make of what a live feed brings: in a real browser, on a feed that the test holds in its hands. */
import type { Browser, Page, WebSocketRoute } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, sizes } from './browser.ts'
import type { Message } from './live-client.ts'

let service: TestService
let browser: Browser
let page: Page
let sockets: WebSocketRoute[]
let submission: string

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  submission = await submit(6000)
  await submit(2000)
  await eventually(async () => expect((await present()).submissions.counted).toBe(2))
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

const submit = async (health: number): Promise<string> => {
  const allocation = { health, education: 10_000 - health }
  const command = { poll: 'us-federal', allocation, via: 'simulation' as const }
  return (await submitAllocation(service.services.commands, command)).submission
}

const present = async (): Promise<Message> =>
  (await (await fetch(`${service.url}/api/polls/us-federal/live`)).json()) as Message

/** Opens a page whose waits are as long as they can be. */
async function open(path: string, before?: (page: Page) => Promise<unknown>): Promise<void> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.desktop })
  page = await context.newPage()
  sockets = []
  await page.routeWebSocket(/\/live$/, (socket) => void sockets.push(socket))
  await page.addInitScript('Math.random = () => 0.999')
  await page.clock.install()
  await before?.(page)
  await page.goto(path)
  await eventually(() => expect(sockets).toHaveLength(1))
}

/** Sends the present state, with something about it changed. */
const tell = async (
  position: string,
  counted: number,
  means: Record<string, number> = {},
): Promise<Message> => {
  const view = await present()
  const categories = view.categories.map((each) => ({ ...each, mean: means[each.id] ?? each.mean }))
  const submissions = { ...view.submissions, counted }
  const told = { ...view, position, submissions, categories }
  sockets.at(-1)!.send(JSON.stringify(told))
  return told
}

const isCounted = (number: number) =>
  eventually(async () =>
    expect(await page.locator('[data-live-text="count counted"]').textContent()).toBe(String(number)),
  )
const drawn = () => page.locator('[data-live-root]').getAttribute('data-position')

describe('a page that moves', () => {
  test('goes to another process at once when its own ends', async () => {
    await open('/results')
    await tell('1000', 77)
    await isCounted(77)
    await sockets[0]!.close({ code: 1012 })
    await page.locator('[data-live-state][data-state=lost]').waitFor()
    await page.clock.fastForward(1500)
    await eventually(() => expect(sockets).toHaveLength(2))
    await tell('1001', 78)
    await isCounted(78)
    expect(await page.locator('[data-live-said]').textContent()).toBe('')
  })

  test('does not go back when a cache is behind: what it has is taken, the numbers stay', async () => {
    await open('/results')
    const { asOf } = await tell('1000', 77, { health: 4321 })
    await isCounted(77)
    const before = await drawn()
    await submit(1000)
    await eventually(async () => expect((await present()).submissions.counted).toBe(3))
    await page.clock.fastForward(30_500)
    await eventually(async () => expect(await drawn()).not.toBe(before))
    expect(BigInt((await drawn())!)).toBeLessThan(1000n)
    await isCounted(77)
    const row = page.locator('[aria-labelledby^=collective-chart] [data-category=health]')
    expect(await row.locator('.value').textContent()).toBe('43.2\u00a0%')
    const stamp = page.locator('#results-live > .stamp')
    expect(await stamp.textContent()).toContain('position 1000,')
    expect(await stamp.locator('time').getAttribute('datetime')).toBe(asOf)
  })

  test('passes over what is older, unless nothing else comes for a minute: then the service was put back', async () => {
    await open('/results')
    await tell('1000', 77)
    await isCounted(77)
    await tell('500', 55)
    await page.clock.fastForward(30_000)
    await tell('500', 55)
    await page.waitForTimeout(200)
    await isCounted(77)
    await page.clock.fastForward(31_000)
    await tell('500', 55)
    await isCounted(55)
    await tell('501', 56)
    await isCounted(56)
  })

  test('draws a chart anew soon when a number leaves its scale', async () => {
    await open('/results')
    const chart = page.locator('svg[aria-labelledby^=collective-chart]')
    const scale = await chart.getAttribute('data-scale')
    // Before the page is told: it asks within two seconds, and then not soon again.
    for (let i = 0; i < 6; i++) await submit(10_000)
    await eventually(async () => expect((await present()).submissions.counted).toBe(9))
    expect(await chart.getAttribute('data-scale')).toBe(scale)
    await tell('1000', 2, { health: 9900 })
    await eventually(async () =>
      expect(await chart.locator('[data-live-width="health.mean"]').getAttribute('width')).toBe('100.00%'),
    )
    await page.clock.fastForward(2100)
    await eventually(async () => expect(await chart.getAttribute('data-scale')).not.toBe(scale))
  })
})

test('a submission that the results did not hold yet is in them soon after the first message', async () => {
  await open(`/submissions/${submission}`, withAttribute('data-pending'))
  expect(await page.locator('[data-live-root][data-pending]').count()).toBe(1)
  await tell('1000', 77)
  await page.clock.fastForward(2100)
  await eventually(async () => expect(await page.locator('[data-live-root][data-pending]').count()).toBe(0))
})

/** The page as it is loaded, not as its script asks for it again, has an attribute more on the part that moves. */
const withAttribute = (attribute: string) => (of: Page) =>
  of.route(/\/submissions\//, async (route) => {
    if (route.request().resourceType() !== 'document') return route.continue()
    const answer = await route.fetch()
    const html = (await answer.text()).replace('data-live-root', `data-live-root ${attribute}`)
    await route.fulfill({ response: answer, body: html })
  })

test('the big screen fills its width with the largest share, and keeps its buttons', async () => {
  await open('/screen')
  await tell('1000', 77, { health: 5000, education: 2500 })
  await isCounted(77)
  const widths = async () =>
    Promise.all(
      ['health', 'education', 'other'].map((id) =>
        page.locator(`[data-live-width="${id}.mean"]`).getAttribute('width'),
      ),
    )
  expect(await widths()).toEqual(['100.00%', '50.00%', '0.00%'])
  const before = await drawn()
  const { counted } = (await present()).submissions
  await submit(0)
  await eventually(async () => expect((await present()).submissions.counted).toBe(counted + 1))
  await page.clock.fastForward(30_500)
  await eventually(async () => expect(await drawn()).not.toBe(before))
  expect(await widths()).toEqual(['100.00%', '50.00%', '0.00%'])
  for (const name of ['Full screen', 'Pause'])
    expect(await page.getByRole('button', { name }).isVisible()).toBe(true)
  await page.keyboard.press('f')
  await eventually(async () =>
    expect(await page.getByRole('button').filter({ visible: true }).count()).toBe(0),
  )
})
