/** Sending what was filled in, in a real browser, with scripts and without, and what comes after. */
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  button,
  entered,
  eventsOf,
  field,
  open,
  page,
  review,
  submissions,
  submissionsInLog,
} from './form-on-screen.ts'

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
    const before = await submissionsInLog()
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
    const seen = page.locator('input[name="seen"]')
    await eventually(async () => expect(await seen.inputValue()).toBe('yes'))
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
