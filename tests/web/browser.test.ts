import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { openBrowser, schemes, sizes } from './browser.ts'

let service: TestService
let browser: Browser
let page: Page
/** What the page asked of anybody else, and what went wrong in it. */
let complaints: string[]

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  const { commands } = service.services
  for (const health of [0, 1000, 2500, 2500, 10_000])
    await submitAllocation(commands, {
      poll: 'us-federal',
      allocation: { health, other: 10_000 - health },
      via: 'simulation',
    })
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

async function submit(remember = false): Promise<void> {
  await field('health').fill('60')
  await field('other').fill('40')
  if (remember) await page.getByLabel('Remember on this device').check()
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

  test('work by keyboard alone, from the skip link to the result', async () => {
    await open('/')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    const focused = () =>
      page.evaluate<string>('document.activeElement.ariaLabel ?? document.activeElement.textContent')
    const tabTo = async (name: string) => {
      for (let i = 0; i < 80 && (await focused()) !== name; i++) await page.keyboard.press('Tab')
      expect(await focused()).toBe(name)
    }
    await tabTo('More for Healthcare')
    for (let i = 0; i < 20; i++) await page.keyboard.press('Space')
    expect(await field('health').inputValue()).toBe('100')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Review your split' }).waitFor()
    await tabTo('Submit my split')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/submissions/*')
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
      (await page.locator('.row, .step, .split, .actions').all()).map((row) => row.boundingBox()),
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

/** Every page and state, and how to get there. */
const states: Record<string, () => Promise<unknown>> = {
  'the form': async () => undefined,
  'the form half filled': () => field('health').fill('130'),
  'the form with mistakes': async () => {
    await field('health').fill('a lot')
    await field('other').fill('12.5')
    await page.getByRole('button', { name: 'Review my split' }).click()
    await page.getByRole('alert').waitFor()
  },
  'the form with sliders and locks': async () => {
    await page.getByRole('button', { name: 'Show sliders' }).click()
    await page.getByLabel('Lock Education').check()
    await page.getByRole('button', { name: 'Equally' }).click()
  },
  'the review': async () => {
    await field('health').fill('100')
    await review()
  },
  'the form after a submission': async () => {
    await submit()
    await page.goto('/')
    await page.getByText('You have submitted a split here already').waitFor()
  },
  'one’s own page': () => submit(),
  'the page that asks for a receipt': async () => {
    await submit()
    await page.goto(`${page.url()}/receipt`)
  },
  'somebody’s page': async () => {
    await submit()
    await page.context().clearCookies()
    await page.reload()
    await page.getByText('Is it yours?').click()
  },
  'the form to change it': async () => {
    await submit()
    await page.getByRole('link', { name: 'Change this split' }).click()
    await page.getByRole('heading', { name: 'Change your split' }).waitFor()
  },
  'the collective budget': async () => {
    await page.goto('/results')
    for (const summary of await page.locator('summary').all()) await summary.click()
  },
  'the collective budget with another bloc': async () => {
    await page.goto('/results')
    await page.getByRole('button', { name: '20\u00a0%' }).click()
    await page.waitForURL('**/results?bloc=20#bloc')
  },
  'the method': () => page.goto('/method'),
  'the truthful budget': () => page.goto('/method/truthful'),
  privacy: () => page.goto('/privacy'),
  'the trends': async () => {
    await page.goto('/trends')
    await page.getByText('Show the table').click()
  },
  'the trends of single days': async () => {
    await page.goto('/trends')
    await page.getByLabel('Whose submissions').selectOption('period')
    await page.getByLabel('By', { exact: true }).selectOption('day')
    await page.getByLabel('From', { exact: true }).fill('2026-01-01')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL('**/trends?view=period*')
  },
  'trends with mistakes': async () => {
    await page.goto('/trends?from=2026-03-02&to=2026-03-01&tz=Berlin&bucket=hour')
    await page.getByRole('alert').waitFor()
  },
  'an empty history': () => page.goto('/history'),
  'the history': async () => {
    await submit(true)
    await page.goto('/history')
  },
  'an address that leads nowhere': () => page.goto('/nowhere'),
}

describe.each(Object.entries(states))('%s', (_name, go) => {
  test('is accessible and fits on a phone and a desktop, in light and dark, and asks nothing of anybody else', async () => {
    await open('/')
    await go()
    for (const size of Object.values(sizes))
      for (const colorScheme of schemes) {
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme })
        expect(await violations(colorScheme), `${size.width} px, ${colorScheme}`).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width)
      }
    expect(complaints).toEqual([])
  }, 120_000)
})

/** What axe finds against WCAG 2.2 AA and good practice; another colour scheme changes nothing but contrasts. */
async function violations(scheme: (typeof schemes)[number]): Promise<unknown[]> {
  const axe = new AxeBuilder({ page })
  if (scheme === 'dark') axe.withRules(['color-contrast'])
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
  const found = await axe.analyze()
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

test('at 320 pixels, as with 400 % zoom, nothing scrolls sideways', async () => {
  await open('/', { viewport: { width: 320, height: 256 } })
  for (const path of [
    '/',
    '/results',
    '/trends',
    '/history',
    '/method',
    '/method/truthful',
    '/privacy',
    '/es/',
    '/es/results',
    '/es/trends',
    '/es/history',
  ]) {
    await page.goto(path)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
  }
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

  const visits: Record<string, () => Promise<unknown>> = {
    'the form with mistakes': async () => {
      await page.goto('/es/')
      await field('health').fill('mucho')
      await page.getByRole('button', { name: 'Revisar mi reparto' }).click()
      await page.getByRole('alert').waitFor()
    },
    'one’s own page': async () => {
      await page.goto('/es/')
      await field('health').fill('100')
      await page.getByRole('button', { name: 'Revisar mi reparto' }).click()
      await page.getByRole('button', { name: 'Enviar mi reparto' }).click()
      await page.waitForURL('**/es/submissions/*')
    },
    'the review': async () => {
      await page.goto('/es/')
      await field('health').fill('100')
      await page.getByRole('button', { name: 'Revisar mi reparto' }).click()
      await page.getByRole('heading', { name: 'Revise su reparto' }).waitFor()
    },
    'the collective budget': () => page.goto('/es/results'),
    'the method': () => page.goto('/es/method'),
    'the truthful budget': () => page.goto('/es/method/truthful'),
    privacy: () => page.goto('/es/privacy'),
    'the trends': () => page.goto('/es/trends'),
    'the history': () => page.goto('/es/history'),
    'an address that leads nowhere': () => page.goto('/es/nowhere'),
    'a poll in a language of its own': async () => {
      const category = (id: string) => ({ id, label: id, description: 'opis', colour: '#2b6cb0' })
      await openPoll(service.services.commands, {
        ...{ poll: 'ulice', title: 'Ulice?', step: 100, baselines: [] },
        categories: ['drogi', 'parki'].map(category),
      })
      await page.goto('/es/polls/ulice')
    },
  }

  test.each(Object.entries(visits))('%s is accessible and fits on a phone', async (_name, go) => {
    await open('/es/', { viewport: sizes.phone })
    await go()
    expect(await violations('light')).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(sizes.phone.width)
    expect(complaints).toEqual([])
  })
})
