import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, sizes } from './browser.ts'
import { submitFive } from './five-submissions.ts'

let service: TestService
let browser: Browser
let page: Page
/** What the page asked of anybody else, and what went wrong in it. */
let complaints: string[]

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  await submitFive(service)
  await eventually(async () =>
    expect(await (await fetch(`${service.url}/results`)).text()).toContain('>5</dd>'),
  )
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.desktop, ...options })
  page = await context.newPage()
  complaints = []
  page.on('request', (request) => {
    if (!request.url().startsWith(service.url)) complaints.push(request.url())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('status of 4')) complaints.push(message.text())
  })
  await page.goto(path)
  return page
}

const field = (id: string) => page.locator(`#share-${id}`)
const total = async () => (await page.locator('[data-total-text]').textContent()) ?? ''

async function submit(): Promise<void> {
  await field('health').fill('60')
  await field('other').fill('40')
  await review()
  await page.getByRole('button', { name: 'Submit my split' }).click()
  await page.waitForURL('**/submissions/*')
}

async function review(): Promise<void> {
  await page.getByRole('button', { name: 'Review my split' }).click()
  await page.getByRole('heading', { name: 'Review your split' }).waitFor()
}

describe('the running total', () => {
  test('follows every key stroke, whatever is typed', async () => {
    await open('/')
    const seen = [await total()]
    for (const key of ['2', '5', 'x', 'Backspace', '0', 'Backspace', 'Backspace', 'Backspace']) {
      await field('health').press(key)
      seen.push(await total())
    }
    expect(seen.map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
      '100 % still to give out',
      '98 % still to give out',
      '75 % still to give out',
      'One field needs correcting',
      '75 % still to give out',
      'One field needs correcting',
      '75 % still to give out',
      '98 % still to give out',
      '100 % still to give out',
    ])
  })

  test('may pass 100 % while one is editing, and says when it is right', async () => {
    await open('/')
    await field('health').fill('60')
    await field('education').fill('45')
    expect(await total()).toBe('5\u00a0% too much')
    expect(await page.locator('[data-total]').getAttribute('data-state')).toBe('over')
    await field('education').fill('40 %')
    expect(await total()).toBe('Exactly 100\u00a0%: ready to submit')
  })

  test('is told politely once the typing pauses, and stays in view at the end of the form', async () => {
    await open('/', { viewport: sizes.phone })
    await page.clock.install()
    const status = page.getByRole('status')
    await field('other').pressSequentially('35')
    expect(await status.textContent()).toBe('')
    await page.clock.runFor(1000)
    expect(await status.textContent()).toBe('65\u00a0% still to give out')
    await page.getByRole('button', { name: 'Review my split' }).scrollIntoViewIfNeeded()
    expect((await page.locator('[data-total]').boundingBox())!.y).toBeGreaterThanOrEqual(0)
  })

  test('is right when the form comes back with mistakes, and after going back to it', async () => {
    await open('/')
    await field('health').fill('30')
    await page.getByRole('button', { name: 'Review my split' }).click()
    await page.getByRole('alert').waitFor()
    expect(await total()).toBe('70\u00a0% still to give out')
    await field('other').fill('70')
    expect(await total()).toBe('Exactly 100\u00a0%: ready to submit')
  })
})

describe('− and +', () => {
  test('move their own field by 5, with Shift by 1, from 0 to 100, and no other', async () => {
    await open('/')
    const more = page.getByRole('button', { name: 'More for Healthcare' })
    const less = page.getByRole('button', { name: 'Less for Healthcare' })
    await less.click()
    expect(await field('health').inputValue()).toBe('0')
    await more.click()
    await more.click({ modifiers: ['Shift'] })
    expect(await field('health').inputValue()).toBe('6')
    expect(await total()).toBe('94\u00a0% still to give out')
    for (let i = 0; i < 25; i++) await more.click()
    expect(await field('health').inputValue()).toBe('100')
    const others = await page.locator('input[data-share]:not(#share-health)').all()
    for (const other of others) expect(await other.inputValue()).toBe('')
  })
})

test('without a script the form looks the same, and works', async () => {
  await open('/', { javaScriptEnabled: false })
  await page.getByRole('button', { name: 'More for Healthcare' }).click()
  expect(await field('health').inputValue()).toBe('5')
  await submit()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Your split')
})

test('the script moves nothing when it arrives', async () => {
  // The same visit, and so the same order.
  let storageState: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>> | undefined
  const boxes = async (javaScriptEnabled: boolean) => {
    const visit = storageState && { storageState }
    await open('/', { viewport: sizes.phone, javaScriptEnabled, ...visit })
    storageState = await page.context().storageState()
    const rows = await Promise.all(
      (await page.locator('.row, .step, .split-rest, .actions').all()).map((row) => row.boundingBox()),
    )
    if (!javaScriptEnabled) await page.context().close()
    return rows.slice(1).map((box, index) => box!.y - rows[index]!.y)
  }
  expect(await boxes(false)).toEqual(await boxes(true))
})

test('a double click submits once, and leads to one page', async () => {
  await open('/')
  await field('health').fill('60')
  await field('other').fill('40')
  await review()
  const before = (await service.services.results.results('us-federal')).aggregate.counted
  await page.getByRole('button', { name: 'Submit my split' }).dblclick()
  await page.waitForURL('**/submissions/*')
  await page.getByText('your split is stored and counts').waitFor()
  await eventually(async () => {
    const { aggregate } = await service.services.results.results('us-federal')
    expect(aggregate.counted).toBe(before + 1)
  })
})

describe('in Spanish', () => {
  test('the browser’s language is spoken, the switch leads to the same page in the other and stays there', async () => {
    await open('/results', { locale: 'es-MX' })
    const heading = () => page.getByRole('heading', { level: 1 }).textContent()
    expect(await heading()).toBe('En qué gastaríamos todos juntos')
    await page.getByRole('link', { name: 'English' }).click()
    await page.waitForURL('**/en/results')
    expect(await heading()).toBe('What everyone would spend, together')
    await page.getByRole('link', { name: 'Trends', exact: true }).click()
    await page.waitForURL('**/en/trends')
    await page.getByRole('link', { name: 'Español' }).click()
    await page.waitForURL('**/es/trends')
    expect(await heading()).toBe('Cómo ha cambiado el presupuesto colectivo')
    expect(complaints).toEqual([])
  })

  test('the script speaks it, writes numbers in it, and reads what it wrote', async () => {
    await open('/es/')
    expect((await total()).replaceAll('\u00a0', ' ')).toBe('Queda por repartir un 100 %')
    await field('health').fill('60,5')
    expect(await total()).toBe('Hay que corregir un campo')
    await field('health').fill('55')
    await page.getByRole('button', { name: 'Más para Sanidad' }).click()
    await field('other').fill('45')
    expect((await total()).replaceAll('\u00a0', ' ')).toBe('Sobra un 5 %')
    await page.getByRole('button', { name: 'Menos para Otros' }).click()
    expect((await total()).replaceAll('\u00a0', ' ')).toBe('Exactamente 100 %: ya se puede enviar')
    await page.getByRole('button', { name: 'Revisar mi reparto' }).click()
    await page.getByRole('button', { name: 'Enviar mi reparto' }).click()
    await page.waitForURL('**/es/submissions/*')
    await page.getByText('Gracias: su reparto está guardado y cuenta').waitFor()
    expect(complaints).toEqual([])
  })
})
