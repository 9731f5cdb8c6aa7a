/** The console in a real browser: from signing in to a rollback, with and without its script, in every state. */

import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { MemoryExclusions } from '../../support/operator/memory-exclusions.ts'
import { MemoryParked } from '../../support/operator/memory-parked.ts'
import { MemoryProjections } from '../../support/operator/memory-projections.ts'
import { processState } from '../../support/operator/memory-surroundings.ts'
import {
  ANAS_TOKEN,
  type OperatorService,
  startOperatorService,
} from '../../support/operator/operator-service.ts'
import { expectAccessible } from '../axe.ts'
import { openBrowser, sizes } from '../browser.ts'

let operators: OperatorService
let projections: MemoryProjections
let parked: MemoryParked
let exclusions: MemoryExclusions
let server: FastifyInstance
let browser: Browser
let page: Page
let url: string
/** What the page asked of anybody else, and what went wrong in it. */
let complaints: string[]

beforeAll(async () => {
  operators = await startOperatorService()
  operators.processes.processes = [processState(), processState({ id: 'two', alive: false })]
  operators.doctor.findings = [
    { name: 'clock', status: 'fine', expected: 'within 1 s', actual: '3 ms' },
    { name: 'disk', status: 'failed', expected: '10 % free', actual: '2 %', advice: 'Make room.' },
  ]
  browser = await openBrowser()
})
beforeEach(async () => {
  const { definition } = await operators.service.services.commands.polls.get('us-federal')
  projections = new MemoryProjections()
  parked = new MemoryParked()
  parked.park(881n, 'no such category: housing-2')
  exclusions = new MemoryExclusions(definition)
  for (let i = 0; i < 3; i++)
    exclusions.submissions.push({
      id: `0b5a8c7e-3a52-4d0c-9d2f-0a9f3f8c1d1${i}`,
      submittedAt: `2026-11-20T10:00:0${i}.000Z`,
      via: i === 0 ? 'api' : 'form',
      allocation: { health: 10_000 },
      excluded: false,
    })
  const log = { head: async () => projections.head, positionsPerEvent: 1n }
  server = await operators.server({ operator: { projections, parked, exclusions, log } })
  await server.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await page.context().close()
  await server.close()
})
afterAll(async () => {
  await browser.close()
  await operators.close()
})

async function signIn(options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext({ baseURL: url, viewport: sizes.desktop, ...options })
  page = await context.newPage()
  complaints = []
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) complaints.push(request.url())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto('/operator/projections')
  await page.getByLabel('Operator token').fill(ANAS_TOKEN)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/operator/projections')
}

/** The button in the projection's card, then the one that confirms. */
async function act(name: string, button: string): Promise<void> {
  await page.getByRole('link', { name: `${name} Results` }).click()
  await page.getByRole('button', { name: button }).click()
  await page.waitForURL('**/operator/projections')
}
const told = () => page.locator('.notice').first().textContent()

test.each([
  ['with its script', true],
  ['without a script', false],
])(
  'from signing in through a rebuild to its promotion and rollback, %s',
  async (_, javaScriptEnabled) => {
    await signIn({ javaScriptEnabled })
    const see = async (text: string) => {
      if (!javaScriptEnabled) await page.getByRole('link', { name: 'Refresh' }).click()
      await page.getByText(text).first().waitFor()
    }
    await act('Rebuild', 'Begin the rebuild')
    expect(await told()).toContain('Version 2 is being built.')
    projections.build('category-aggregate', 'filling', 0.5)
    await see('50.0')
    expect(await page.getByRole('progressbar').getAttribute('value')).toBe('50')
    await act('Pause', 'Pause the build')
    await act('Resume', 'Resume the build')
    projections.build('category-aggregate', 'ready', 1)
    await see('ready to be promoted')
    await act('Promote', 'Promote it now')
    expect(await told()).toContain('Version 2 is live.')
    await act('Roll back', 'Roll back now')
    expect(await told()).toContain('Version 1 is brought up to date')
    projections.build('category-aggregate', 'ready', 1)
    await see('kept for a rollback: version 2')
    expect(projections.acts).toEqual(
      ['rebuild', 'pause', 'resume', 'promote', 'rollback'].map(
        (act) => `ana: ${act} category-aggregate${act === 'promote' ? ' 2' : ''}`,
      ),
    )
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/operator/sign-in')
    await page.goBack()
    await page.waitForURL('**/operator/sign-in*')
    expect(complaints).toEqual([])
  },
  60_000,
)

describe('the live part', () => {
  test('takes the focus from nobody, closes nothing, and tells of states, not of numbers', async () => {
    await signIn()
    await projections.rebuild('category-aggregate', { by: 'ben', promote: false })
    projections.build('category-aggregate', 'filling', 0.1)
    await page.getByText('10.0').waitFor()
    const status = page.getByRole('status')
    await eventually(async () => expect(await status.textContent()).toContain('filling from the log'))
    const heard = await status.textContent()
    await page.getByRole('link', { name: 'Pause Results' }).focus()
    projections.build('category-aggregate', 'filling', 0.7)
    await page.getByText('70.0').waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Pause')
    expect(await status.textContent()).toBe(heard)
    projections.build('category-aggregate', 'ready', 1)
    await eventually(async () => expect(await status.textContent()).toContain('ready to be promoted'))
  })

  test('stops when it is told to, and goes on', async () => {
    await signIn()
    await page.getByRole('button', { name: 'Stop refreshing' }).click()
    let asked = 0
    page.on('request', (request) => {
      if (request.url().endsWith('/live')) asked++
    })
    await projections.rebuild('category-aggregate', { by: 'ben', promote: false })
    await page.waitForTimeout(2500)
    expect(asked).toBe(0)
    await page.getByRole('button', { name: 'Refresh again' }).click()
    await page.getByText('filling from the log', { exact: true }).waitFor()
  })

  test('keeps what is unfolded open', async () => {
    await signIn()
    await page.goto('/operator')
    const summary = page.getByText('The same as a table')
    await summary.waitFor({ timeout: 20_000 })
    await summary.click()
    const at = await page.locator('[data-at]').textContent()
    await eventually(async () => expect(await page.locator('[data-at]').textContent()).not.toBe(at))
    expect(await page.locator('#chart-table').getAttribute('open')).not.toBeNull()
  }, 60_000)

  test('says so when it cannot be refreshed, and when its operator is signed out', async () => {
    await signIn()
    await page.context().setOffline(true)
    await page.getByText('Cannot be refreshed at the moment').waitFor()
    await page.context().setOffline(false)
    await page.getByText('Cannot be refreshed at the moment').waitFor({ state: 'detached', timeout: 20_000 })
    await page.context().clearCookies()
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.waitForURL('**/operator/sign-in*')
  }, 60_000)
})

test('a double click acts once, and says what was done', async () => {
  await signIn()
  await page.goto('/operator/projections/category-aggregate/rebuild')
  await page.getByRole('button', { name: 'Begin the rebuild' }).dblclick()
  await page.waitForURL('**/operator/projections')
  expect(await told()).toContain('Version 2 is being built.')
  expect(projections.acts).toEqual(['ana: rebuild category-aggregate'])
})

/** Every page and state, and how to get there. */
const states: Record<string, () => Promise<unknown>> = {
  'the sign-in': async () => {
    await page.context().clearCookies()
    await page.goto('/operator')
    await page.getByLabel('Operator token').fill('a-wrong-token-of-mine')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
  },
  'the overview': async () => {
    await page.goto('/operator')
    await page.getByText('The same as a table').click({ timeout: 20_000 })
  },
  'the doctor': () => page.goto('/operator/doctor'),
  'the projections': async () => {
    await projections.rebuild('category-aggregate', { by: 'ben', promote: true })
    projections.build('category-aggregate', 'failed', 0.3, 'the disk is full')
    await page.goto('/operator/projections')
  },
  'a confirmation': () => page.goto('/operator/projections/submissions/rebuild'),
  'the parked events': () => page.goto('/operator/parked'),
  'a skipped event': () => page.goto('/operator/parked/881/skip'),
  'the form of exclusions, with mistakes': async () => {
    await page.goto('/operator/exclusions')
    await page.getByRole('button', { name: 'Show what' }).click()
    await page.getByRole('alert').waitFor()
  },
  'an exclusion, before and after': async () => {
    await page.goto('/operator/exclusions')
    await page.getByLabel('Sent by').selectOption('api')
    await page.getByRole('button', { name: 'Show what' }).click()
    await page.getByText('Some of them').click()
    await expectAccessible(page)
    await page.getByLabel('Why').selectOption('test')
    await page.getByRole('button', { name: 'Exclude' }).click()
    await page.getByText('It can be taken back').waitFor()
  },
  'the polls': () => page.goto('/operator/polls'),
  'a poll that is not opened yet': async () => {
    const { definition } = await operators.service.services.commands.polls.get('us-federal')
    await page.goto('/operator/polls')
    const buffer = Buffer.from(JSON.stringify({ ...definition, poll: 'town' }))
    await page.getByLabel('Poll file').setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer })
    await page.getByRole('button', { name: 'Check it' }).click()
    await page.getByRole('heading', { name: 'Open this poll?' }).waitFor()
  },
  'an address that is not of a projection': () => page.goto('/operator/projections/none/rebuild'),
}

describe.each(Object.entries(states))('%s', (_name, go) => {
  test('is accessible on a phone and a desktop, in light and dark, zoomed and spaced, and asks nothing of anybody else', async () => {
    await signIn()
    await go()
    await expectAccessible(page)
    expect(complaints).toEqual([])
  }, 120_000)
})
