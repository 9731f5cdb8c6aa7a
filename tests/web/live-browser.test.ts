/** Pages that move with the results, in a real browser. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { expectAccessible } from './axe.ts'
import { openBrowser, sizes } from './browser.ts'

let service: TestService
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  service = await startTestService()
  browser = await openBrowser()
  for (const health of [0, 1000, 2500, 2500, 10_000]) await submit(health)
  await eventually(async () => expect(await countedByApi()).toBe(5))
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await service.close()
})

const submit = async (health: number) =>
  (
    await submitAllocation(service.services.commands, {
      poll: 'us-federal',
      allocation: { health, education: 10_000 - health },
      via: 'simulation',
    })
  ).submission

const countedByApi = async (): Promise<number> => {
  const answer = await fetch(`${service.url}/api/polls/us-federal/live`)
  return ((await answer.json()) as { submissions: { counted: number } }).submissions.counted
}

const openSockets = async (): Promise<number> => {
  const text = await (await fetch(`${service.url}/metrics`)).text()
  return Number(/^taxbudget_live_sockets (\d+)$/m.exec(text)![1])
}

interface Visit extends BrowserContextOptions {
  /** What is done before the page is loaded. */
  readonly before?: (page: Page) => Promise<unknown>
}

async function open(path: string, { before, ...options }: Visit = {}): Promise<void> {
  const context = await browser.newContext({ baseURL: service.url, viewport: sizes.desktop, ...options })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.clock.install()
  await before?.(page)
  await page.goto(path)
}

const state = () => page.locator('[data-live-state]')
const isSaid = (pattern: RegExp) =>
  eventually(async () => expect(await state().textContent()).toMatch(pattern), 20_000)
/** Lets the page's time pass in steps, each with a moment for what it leads to, until it is live. */
const isLiveAfter = (ms: number) =>
  eventually(async () => {
    await page.clock.fastForward(ms)
    await page.waitForTimeout(300)
    expect(await state().textContent()).toMatch(/^Live/)
  }, 30_000)
const counted = async () => Number(await page.locator('[data-live-text="count counted"]').textContent())
const isCounted = (number: number) => eventually(async () => expect(await counted()).toBe(number))
const status = async () =>
  (await page.locator('.live').getByRole('status').textContent())?.replaceAll('\u00a0', ' ')
const button = (name: string) => page.getByRole('button', { name, exact: true })

/** What the charts and the numbers that move show, whatever the scales of the charts. */
const drawn = (of: Page) =>
  of.evaluate(`[...document.querySelectorAll('[data-live-text], [data-live-width], [data-live-x], [data-live-histogram] :is(rect, line)')]
    .map((element) => {
      const scale = element.tagName !== 'text' && element.closest('[data-scale]')?.dataset.scale
      const share = (percent) => Math.round((Number.parseFloat(percent) * scale) / 1000)
      const told = (value) => (value?.endsWith('%') && scale ? share(value) : value)
      const places = ['x', 'y', 'width', 'height', 'x1', 'x2'].map((name) => told(element.getAttribute(name)))
      return [element.tagName, ...places, element.textContent]
    })`)

/** The whole live part as text, without what says when. */
const everything = (of: Page) =>
  of.evaluate(`(() => {
    const copy = document.querySelector('[data-live-root]').cloneNode(true)
    copy.querySelector('[data-live]').remove()
    return copy.textContent.replace(/\\s+/g, '')
  })()`)

async function fresh<T>(look: (of: Page) => Promise<T>): Promise<T> {
  const other = await page.context().newPage()
  // What the browser has kept may be five seconds old.
  await other.goto(`${page.url()}?fresh=${Date.now()}`)
  const seen = await look(other)
  await other.close()
  return seen
}

describe('the results page', () => {
  test('moves without being loaded again, to what it would show if it were', async () => {
    await open('/results')
    await isSaid(/^Live, updated \d+:\d\d:\d\d/)
    const [before, start] = [await drawn(page), await counted()]
    await page.evaluate('window.isStillHere = true')
    await submit(3000)
    await isCounted(start + 1)
    const after = await drawn(page)
    expect(after).not.toEqual(before)
    expect(after).toEqual(await fresh(drawn))
    // The sentences follow a little later.
    await page.clock.fastForward(31_000)
    await eventually(async () => expect(await everything(page)).toBe(await fresh(everything)))
    expect(await page.evaluate('window.isStillHere')).toBe(true)
    expect(complaints).toEqual([])
  })

  test('takes nobody’s place: focus, selection and what they have opened stay, and nothing is read aloud', async () => {
    await open('/results')
    await isSaid(/^Live/)
    const start = await counted()
    await page.locator('summary', { hasText: 'Table for Healthcare' }).click()
    await page
      .getByLabel('What the results were then')
      .or(page.locator('#as-of'))
      .first()
      .fill('2026-01-02T03:04')
    await page.locator('summary', { hasText: 'Table for Education' }).focus()
    await page.evaluate('window.focused = document.activeElement')
    await submit(1200)
    await isCounted(start + 1)
    await page.clock.fastForward(31_000)
    await eventually(async () => expect(await everything(page)).toBe(await fresh(everything)))
    expect(await page.evaluate('window.focused === document.activeElement')).toBe(true)
    expect(await page.locator('details[open]').count()).toBe(1)
    expect(await page.locator('#as-of').inputValue()).toBe('2026-01-02T03:04')
    expect(await status()).toBe('')
    expect(await page.locator('[data-live-root] [aria-live]').count()).toBe(0)
  })

  test('holds still while somebody selects something in it, and then catches up', async () => {
    await open('/results')
    await isSaid(/^Live/)
    const start = await counted()
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('[data-live-root] table'))`)
    const selected = await page.evaluate('getSelection().toString()')
    await submit(4000)
    await eventually(async () => expect(await countedByApi()).toBe(start + 1))
    await page.clock.fastForward(31_000)
    await page.waitForTimeout(500)
    expect([await counted(), await page.evaluate('getSelection().toString()')]).toEqual([start, selected])
    await page.evaluate('getSelection().removeAllRanges()')
    await isCounted(start + 1)
  })

  test('pauses on demand, says so with the numbers, and goes on', async () => {
    await open('/results')
    await isSaid(/^Live/)
    const start = await counted()
    await button('Pause').focus()
    await page.keyboard.press('Enter')
    expect(await state().textContent()).toMatch(/^Paused\. As of \d+:\d\d:\d\d/)
    expect(await status()).toMatch(new RegExp(`^Paused.*${start} submissions are counted\\.$`))
    await eventually(async () => expect(await openSockets()).toBe(0))
    await submit(300)
    await eventually(async () => expect(await countedByApi()).toBe(start + 1))
    expect(await counted()).toBe(start)
    await page.keyboard.press('Enter')
    await isCounted(start + 1)
    await isSaid(/^Live/)
    expect((await button('Pause').boundingBox())!.height).toBeGreaterThanOrEqual(24)
  })

  test('leaves the line free in a hidden tab, and catches up when it is looked at', async () => {
    await open('/results')
    await isSaid(/^Live/)
    const start = await counted()
    const show = (visibility: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${visibility}' });
        document.dispatchEvent(new Event('visibilitychange'))`)
    await show('hidden')
    await eventually(async () => expect(await openSockets()).toBe(0))
    await submit(300)
    await eventually(async () => expect(await countedByApi()).toBe(start + 1))
    expect(await counted()).toBe(start)
    await show('visible')
    await isCounted(start + 1)
  })

  test('says that it is not live when the service goes away, and is live again when it is back', async () => {
    await open('/results')
    await isSaid(/^Live/)
    const start = await counted()
    const { restart } = service
    const restarted = restart()
    await isSaid(/^Not live: trying again\. As of/)
    await restarted
    await submit(900)
    await isLiveAfter(5000)
    await isCounted(start + 1)
  }, 60_000)

  test('asks every fifteen seconds where sockets do not come through, and is live when they do', async () => {
    let isRefused = true
    const asked: (string | undefined)[] = []
    await open('/results', {
      before: async () => {
        await page.routeWebSocket(/\/live$/, (socket) => {
          if (isRefused) socket.close({ code: 1011 })
          else socket.connectToServer()
        })
        page.on('request', (request) => {
          if (request.url().endsWith('/live') && request.resourceType() === 'fetch')
            asked.push(request.headers()['if-none-match'])
        })
      },
    })
    const start = await counted()
    await eventually(async () => {
      await page.clock.fastForward(1000)
      expect(await state().textContent()).toMatch(/^Checked every 15 seconds, updated/)
    })
    await submit(9900)
    await eventually(async () => expect(await countedByApi()).toBe(start + 1))
    expect(await counted()).toBe(start)
    await page.clock.fastForward(17_000)
    await isCounted(start + 1)
    await page.clock.fastForward(17_000)
    await eventually(() => expect(asked.length).toBeGreaterThan(2))
    expect(asked.at(-1)).toMatch(/^"\d+"$/)
    isRefused = false
    await isLiveAfter(8000)
  }, 60_000)

  test('gives a connection up that says nothing any more', async () => {
    let isSilent = true
    await open('/results', {
      before: () =>
        page.routeWebSocket(/\/live$/, (socket) => {
          if (!isSilent) socket.connectToServer()
        }),
    })
    await page.clock.fastForward(51_000)
    await isSaid(/^Not live/)
    isSilent = false
    await isLiveAfter(5000)
  })

  test('of the past never moves, and asks nothing', async () => {
    await open('/results?position=4')
    expect(await page.locator('[data-live]').count()).toBe(0)
    expect(await openSockets()).toBe(0)
  })

  test('without a script says how to see newer numbers, and the script moves nothing', async () => {
    const places = async () =>
      (await page.locator('h1, .facts, h2, .bars, .cards').all()).map(
        async (each) => (await each.boundingBox())!.y,
      )
    const seen: unknown[] = []
    for (const javaScriptEnabled of [false, true]) {
      const context = await browser.newContext({
        baseURL: service.url,
        viewport: sizes.phone,
        javaScriptEnabled,
      })
      page = await context.newPage()
      await page.goto('/results')
      if (javaScriptEnabled) await isSaid(/^Live/)
      else expect(await state().textContent()).toBe('Load the page again for newer numbers.')
      seen.push(await Promise.all(await places()))
      if (!javaScriptEnabled) await context.close()
    }
    expect(seen[0]).toEqual(seen[1])
  })

  test.each(['reduce', 'no-preference'] as const)(
    'moves smoothly unless people want less motion: %s',
    async (reducedMotion) => {
      await open('/results', { reducedMotion })
      const duration = await page.evaluate(
        `getComputedStyle(document.querySelector('[data-live-width]')).transitionDuration`,
      )
      expect(duration).toBe(reducedMotion === 'reduce' ? '0s' : '0.35s')
    },
  )

  test('is accessible in every state, and speaks Spanish', async () => {
    await open('/es/results', { viewport: sizes.phone })
    await isSaid(/^En directo, actualizado a las \d+:\d\d:\d\d/)
    await expectAccessible(page)
    await button('Pausar').click()
    await isSaid(/^En pausa\./)
    expect(await status()).toMatch(/Se cuentan \d+ repartos\.$/)
    await expectAccessible(page)
  }, 120_000)
})

describe('a submission’s page', () => {
  test('moves with everyone’s mean, and the comparison follows', async () => {
    const id = await submit(5000)
    await eventually(async () =>
      expect((await (await fetch(`${service.url}/submissions/${id}`)).text()).includes('mean of')).toBe(true),
    )
    await open(`/submissions/${id}`)
    await isSaid(/^Live/)
    const before = await drawn(page)
    await submit(6000)
    await eventually(async () => expect(await drawn(page)).not.toEqual(before))
    expect(await drawn(page)).toEqual(await fresh(drawn))
    await page.clock.fastForward(31_000)
    await eventually(async () => expect(await everything(page)).toBe(await fresh(everything)))
    expect(complaints).toEqual([])
  })
})
