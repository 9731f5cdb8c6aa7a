/** The form in a real browser, on a phone: import it, and a service and the browser stand before the first test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { submissionStream } from '../../src/events/submission-events.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, sizes } from './browser.ts'

export let service: TestService
let browser: Browser
export let page: Page
let complaints: string[]

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
})
afterEach(async () => {
  await page.context().close()
  expect(complaints).toEqual([])
})
afterAll(async () => {
  await browser.close()
  await service.close()
})

export async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.phone, ...options })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(path)
  return page
}

export const field = (id: string) => page.locator(`#share-${id}`)
export const total = async () =>
  (await page.locator('[data-total-text]').textContent())!.replaceAll('\u00a0', ' ')
export const button = (name: string) => page.getByRole('button', { name, exact: true })
export const entered = async (): Promise<Record<string, string>> => {
  const values = await page
    .locator('input[data-share]')
    .evaluateAll((inputs) =>
      (inputs as unknown as { value: string; dataset: { share: string } }[]).map((input) => [
        input.dataset.share,
        input.value,
      ]),
    )
  return Object.fromEntries(values.filter(([, value]) => value !== ''))
}
export const review = async () => {
  await button('Review my split').click()
  await page.getByRole('heading', { name: 'Review your' }).waitFor()
}
export const eventsOf = (url: string) =>
  service.services.commands.log.readStream(submissionStream(new URL(url).pathname.split('/').at(-1)!))
export const submissions = async () =>
  (await service.services.results.results('us-federal')).aggregate.counted
/** How many of them there are: the results may not hold the last ones yet. */
export const submissionsInLog = async () => {
  let number = 0
  for await (const events of service.services.commands.log.readAll({ after: 0n }))
    for (const { type } of events)
      number += type === 'AllocationSubmitted' ? 1 : type === 'AllocationWithdrawn' ? -1 : 0
  return number
}
