/** What the form does in a real browser, with scripts and without. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { submissionStream } from '../../src/events/submission-events.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, sizes } from './browser.ts'

let service: TestService
let browser: Browser
let page: Page
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

async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.phone, ...options })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(path)
  return page
}

const field = (id: string) => page.locator(`#share-${id}`)
const total = async () => (await page.locator('[data-total-text]').textContent())!.replaceAll('\u00a0', ' ')
const button = (name: string) => page.getByRole('button', { name, exact: true })
const entered = async (): Promise<Record<string, string>> => {
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
const review = async () => {
  await button('Review my split').click()
  await page.getByRole('heading', { name: 'Review your' }).waitFor()
}
const eventsOf = (url: string) =>
  service.services.commands.log.readStream(submissionStream(new URL(url).pathname.split('/').at(-1)!))
const submissions = async () => (await service.services.results.results('us-federal')).aggregate.counted

describe('a row', () => {
  test('has a slider on request, which keys move, and the wish is remembered', async () => {
    await open()
    expect(await page.getByRole('slider').count()).toBe(0)
    await button('Show sliders').click()
    const slider = page.getByRole('slider', { name: 'Slider for Healthcare' })
    await slider.focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'PageUp']) await page.keyboard.press(key)
    expect(await field('health').inputValue()).toBe('12')
    await field('health').fill('40')
    expect(await slider.inputValue()).toBe('40')
    expect(await total()).toBe('60 % still to give out')
    await page.reload()
    expect(await page.getByRole('slider').count()).toBe(10)
    await button('Show sliders').click()
    await page.reload()
    expect(await page.getByRole('slider').count()).toBe(0)
  })

  test('never lies below the total while it has the focus, going down or up', async () => {
    await open('/', { viewport: { width: 375, height: 500 } })
    await page.getByRole('button', { name: 'Start over' }).focus()
    const covered = () =>
      page.evaluate<boolean>(`(() => {
        const focused = document.activeElement.getBoundingClientRect()
        const total = document.querySelector('[data-total]')
        if (total.contains(document.activeElement)) return false
        return focused.top < total.getBoundingClientRect().bottom - 0.5 || focused.bottom > innerHeight + 0.5
      })()`)
    for (const key of ['Tab', 'Shift+Tab'])
      for (let i = 0; i < 45; i++) {
        await page.keyboard.press(key)
        expect(await covered(), `${key} ${i}`).toBe(false)
      }
  })
})

describe('the rest', () => {
  test('is split with and without scripts alike, whatever is pressed', async () => {
    const acts = ['more:health', 'equal', 'undo', 'less:other', 'one', 'redo', 'proportion', 'reset', 'undo']
    await open()
    const visit = await page.context().storageState()
    const run = async () => {
      const seen: unknown[] = []
      await field('health').fill('30')
      await field('science').fill('12')
      await page.getByLabel('Lock Science & Research').check()
      await page.locator('#into').selectOption('housing')
      for (const act of [...acts, 'undo', 'undo', 'proportion']) {
        // Without a script every press is a new page.
        await page.locator(`button[value="${act}"]`).click({ force: true })
        seen.push([
          act,
          await entered(),
          await page.getByLabel('Lock Science & Research').isChecked(),
          await total(),
        ])
        seen.push((await page.locator('[data-notice]').textContent())?.trim())
      }
      return seen
    }
    const scripted = await run()
    await page.context().close()
    await open('/', { storageState: visit, javaScriptEnabled: false })
    expect(await run()).toEqual(scripted)
    expect(new Set(scripted.map((each) => JSON.stringify(each))).size).toBeGreaterThan(10)
  })
})

describe('undo and redo', () => {
  test('go by typed field and by button, with Ctrl+Z and Ctrl+Shift+Z outside of text alone', async () => {
    await open()
    await field('health').pressSequentially('30')
    await field('education').pressSequentially('45')
    await button('More for Education').click()
    await page.keyboard.press('Control+z')
    expect(await entered()).toEqual({ health: '30', education: '45' })
    await button('Undo').click()
    expect(await entered()).toEqual({ health: '30' })
    await page.keyboard.press('Control+z')
    expect(await entered()).toEqual({})
    expect(await button('Undo').getAttribute('aria-disabled')).toBe('true')
    for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+z')
    expect(await entered()).toEqual({ health: '30', education: '50' })
    await field('education').focus()
    await page.keyboard.press('Control+z')
    expect((await entered()).health).toBe('30')
    await button('Start over').click()
    expect(await entered()).toEqual({})
    await button('Undo').click()
    expect((await entered()).health).toBe('30')
  })
})

describe('a half-filled form', () => {
  const fill = async () => {
    await field('health').fill('30')
    await field('other').fill('a lot')
    await page.getByLabel('Lock Healthcare').check()
  }

  test('survives a reload, a look at other pages and a refusal, with locks, order and what can be undone', async () => {
    await open()
    await fill()
    const order = Object.keys(await entered())
    await page.reload()
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.locator('[data-notice]').textContent()).toBe(
      'What you had entered before is here again.',
    )
    await page.goto('/history')
    await page.goto('/')
    expect(Object.keys(await entered())).toEqual(order)
    await button('Review my split').click()
    await page.getByRole('alert').waitFor()
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.getByLabel('Lock Healthcare').isChecked()).toBe(true)
    await button('Undo').click()
    await button('Undo').click()
    expect(await entered()).toEqual({ health: '30' })
  })

  test('without scripts survives the way back, and a reload once any button was pressed', async () => {
    await open('/', { javaScriptEnabled: false })
    await fill()
    const token = () => page.locator('input[name="token"]').inputValue()
    const first = await token()
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    await page.goBack()
    await page.waitForURL(`${service.url}/`)
    expect(await entered()).toEqual({ health: '30', other: 'a lot' })
    expect(await page.getByLabel('Lock Healthcare').isChecked()).toBe(true)
    await button('More for Education').click()
    await page.reload()
    expect(await entered()).toEqual({ health: '30', other: 'a lot', education: '5' })
    expect(await token()).toBe(first)
  })

  test('is not left without a warning; an empty one and a submitted one are', async () => {
    await open()
    const asked: string[] = []
    page.on('dialog', (dialog) => {
      asked.push(dialog.type())
      void dialog.accept()
    })
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    await page.goto('/')
    await field('health').fill('100')
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toEqual(['beforeunload'])
    await page.goto('/')
    await field('health').fill('99')
    await field('health').fill('100')
    await review()
    await button('Change it').click()
    await field('health').waitFor()
    await review()
    await page.locator('h1').click()
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toEqual(['beforeunload', 'beforeunload'])
    await page.goto('/')
    await field('health').fill('100')
    await review()
    await button('Submit my split').click()
    await page.waitForURL('**/submissions/*')
    await page.getByRole('link', { name: 'History' }).click()
    await page.waitForURL('**/history')
    expect(asked).toHaveLength(2)
  })

  test('offline is told so at the button, and kept', async () => {
    await open()
    await field('health').fill('100')
    await page.context().setOffline(true)
    await button('Review my split').click()
    await page.getByText('You are offline; what you entered is kept.').waitFor()
    await page.context().setOffline(false)
    await review()
  })
})

describe('submitting', () => {
  const ready = async () => {
    await field('health').fill('100')
    await review()
  }

  test('offline waits, says so without losing the focus, and goes on by itself', async () => {
    await open()
    await ready()
    await page.context().setOffline(true)
    await button('Submit my split').click()
    await page
      .getByText('You are offline; what you entered is kept. It is sent as soon as you are back.')
      .waitFor()
    const submit = button('Submit my split')
    expect(await submit.getAttribute('aria-disabled')).toBe('true')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Submit my split')
    await page.context().setOffline(false)
    await page.waitForURL('**/submissions/*')
    expect(await eventsOf(page.url())).toHaveLength(1)
  })

  test('whose answer is lost on the way is tried again, and is one submission', async () => {
    await open()
    await ready()
    const before = await submissions()
    const sent: number[] = []
    await page.route(
      (url) => url.pathname === '/',
      async (route) => {
        if (route.request().method() !== 'POST') return route.fallback()
        sent.push((await route.fetch({ maxRedirects: 0 })).status())
        return sent.length === 1 ? route.abort('connectionreset') : route.fallback()
      },
    )
    await button('Submit my split').click()
    await page.getByText('however often it is sent, it counts once').waitFor()
    await page.waitForURL('**/submissions/*')
    expect(sent.slice(0, 2)).toEqual([303, 303])
    expect(await eventsOf(page.url())).toHaveLength(1)
    await eventually(async () => expect(await submissions()).toBe(before + 1))
  })

  test('leads to a page that says so; the way back leads to a new form that says so, too', async () => {
    await open()
    await ready()
    await button('Submit my split').click()
    await page.waitForURL('**/submissions/*')
    const result = page.url()
    await page.getByRole('heading', { name: 'Thank you: your split is stored and counts' }).waitFor()
    await page.goBack()
    await page.getByText('You have submitted a split here already').waitFor()
    expect(await entered()).toEqual({})
    await page.getByRole('link', { name: 'see it, change it or withdraw it' }).click()
    await page.waitForURL(result)
  })

  test('in a second tab with other shares tells what counts, and offers to change it', async () => {
    await open()
    const second = await page.context().newPage()
    await second.goto('/')
    await ready()
    await button('Submit my split').click()
    await page.waitForURL('**/submissions/*')
    const result = page.url()
    await second.locator('#share-other').fill('100')
    await second.getByRole('button', { name: 'Review my split' }).click()
    await second.getByRole('heading', { name: 'You have already submitted this form' }).waitFor()
    await second.getByRole('button', { name: 'Change it to this' }).click()
    await second.getByRole('button', { name: 'Replace my split' }).click()
    await second.waitForURL(result)
    expect((await eventsOf(result)).map(({ type }) => type)).toEqual([
      'AllocationSubmitted',
      'AllocationRevised',
    ])
  })

  test('records that results were seen in another tab meanwhile, and only then', async () => {
    await open()
    const shown = async () => {
      await button('Submit my split').click()
      await page.waitForURL('**/submissions/*')
      return ((await eventsOf(page.url()))[0]!.data as { shown: { results: string } }).shown.results
    }
    await ready()
    expect(await shown()).toBe('unseen')
    await page.context().clearCookies()
    await page.context().close()
    await open()
    const other = await page.context().newPage()
    await other.goto('/results')
    await expect.poll(() => page.locator('input[name="seen"]').inputValue()).toBe('yes')
    await ready()
    expect(await shown()).toBe('seen')
  })
})

describe('the receipt', () => {
  test('is copied, printed and saved; its private link opens the options elsewhere and leaves the address', async () => {
    await open('/', { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.addInitScript('window.print = () => { document.title = "printed" }')
    await field('health').fill('100')
    await review()
    await button('Submit my split').click()
    await page.waitForURL('**/submissions/*')
    const receipt = (await page.locator('[data-copied="receipt"]').textContent())!
    await button('Copy the receipt').click()
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(receipt)
    await button('Print this page').click()
    expect(await page.title()).toBe('printed')
    const saving = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Save as a file' }).click()
    expect((await saving).suggestedFilename()).toMatch(/^receipt-[0-9a-f]{8}\.txt$/)
    const link = new URL((await page.locator('[data-copied="link"]').getAttribute('href'))!)
    await page.context().close()

    await open('/history')
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.url()} ${request.headers().referer ?? ''}`))
    await page.goto(link.pathname + link.hash)
    await page.getByRole('heading', { name: 'Change your mind' }).waitFor()
    expect(page.url()).not.toContain(receipt)
    expect(asked.filter((line) => line.includes(receipt))).toEqual([])
    await page.getByText('Withdraw it').click()
    await button('Withdraw for good').click()
    await page.getByText('has been withdrawn').waitFor()
  })
})

test('without scripts everything works by plain pages: split, undo, review, submit, change, withdraw', async () => {
  await open('/', { javaScriptEnabled: false })
  await field('health').fill('55')
  await page.getByLabel('Lock Healthcare').check()
  await button('Equally').click()
  expect((await entered()).education).toBe('5')
  await button('Undo').click()
  expect(await entered()).toEqual({ health: '55' })
  await field('education').fill('45')
  // Enter in a field leads to the review as the button does.
  await field('education').press('Enter')
  await page.getByRole('heading', { name: 'Review your split' }).waitFor()
  await button('Change it').click()
  expect(await entered()).toEqual({ health: '55', education: '45' })
  await review()
  await button('Submit my split').click()
  await page.waitForURL('**/submissions/*')
  await page.getByRole('link', { name: 'Change this split' }).click()
  await field('education').fill('')
  await page.getByLabel('All into one category').selectOption('Science & Research')
  await button('Give it all').click()
  await review()
  await button('Replace my split').click()
  await page.waitForURL('**/submissions/*')
  await page.getByText('Withdraw it').click()
  await button('Withdraw for good').click()
  await page.getByText('has been withdrawn').waitFor()
  expect((await eventsOf(page.url())).map(({ type }) => type)).toEqual([
    'AllocationSubmitted',
    'AllocationRevised',
    'AllocationWithdrawn',
  ])
})
