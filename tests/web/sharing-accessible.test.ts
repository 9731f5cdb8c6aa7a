import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { expectAccessible } from './axe.ts'
import { openBrowser } from './browser.ts'
import { longTitle, pollOf } from './poll-of.ts'

let service: TestService
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  const { commands, results } = service.services
  for (const categories of [20, 40])
    await openPoll(commands, pollOf(`town${categories}`, longTitle, categories))
  for (const [poll, category] of [
    ['us-federal', 'health'],
    ['town20', 'c0'],
    ['town40', 'c0'],
  ] as const) {
    await submitAllocation(commands, { poll, allocation: { [category]: 10_000 }, via: 'simulation' })
    await eventually(async () => expect((await results.results(poll)).aggregate.counted).toBe(1))
  }
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

async function open(path: string): Promise<void> {
  const context = await browser.newContext({ baseURL: service.url })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(path)
}

describe.each([
  ['the page for sharing', '/en/share'],
  ['the page for sharing a long poll, in Spanish', '/es/polls/town20/share'],
  ['the poster', '/en/poster'],
  ['the poster in Spanish, with a long title', '/es/polls/town20/poster'],
  ['the widget', '/en/embed/polls/us-federal'],
  ['the widget in Spanish, with more than it has room for', '/es/embed/polls/town20'],
  ['the big screen', '/en/screen'],
  ['the big screen in Spanish, of 40 categories', '/es/polls/town40/screen'],
])('%s', (_name, path) => {
  test('is accessible and fits on a phone and a desktop, in light and dark', async () => {
    await open(path)
    await expectAccessible(page)
    await page.setViewportSize({ width: 320, height: 256 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    expect(complaints).toEqual([])
  }, 120_000)
})
