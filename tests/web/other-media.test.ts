/** What is on paper, in the colours that a reader has forced upon the pages, and where there is little room. */
import { expect, test } from 'vitest'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { languages } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import { eventually } from '../support/eventually.ts'
import { sizes } from './browser.ts'
import { stageFor } from './stage.ts'
import { review, submit } from './walk.ts'

/** Two in three want money for defence: who gives it nothing is below most. */
const stageNow = stageFor(async ({ url, services }) => {
  for (const category of ['defense', 'health', 'defense', 'defense', 'health', 'defense'])
    await submitAllocation(services.commands, {
      ...{ poll: 'us-federal', via: 'simulation' as const },
      allocation: { [category]: 10_000 },
    })
  await eventually(async () =>
    expect(await (await fetch(`${url}/results`)).text()).toContain('data-counted="6"'),
  )
})

/** Between the margins that Chromium gives A4, in CSS pixels. */
const sheet = { width: 718, height: 1000 }

async function onPaper(): Promise<void> {
  await stageNow().page.setViewportSize(sheet)
  await stageNow().page.emulateMedia({ media: 'print' })
}

test('given one’s own page, then every chart is on paper, the widest table fits, and the link is whole', async () => {
  const stage = stageNow()
  await submit(stage)
  const { page } = stage
  await page.locator('#places-chart-title').waitFor({ state: 'attached' })
  await onPaper()
  const charts = await page.locator('svg[role=img]').all()
  expect(charts.length).toBe(2)
  for (const chart of charts) expect(await chart.isVisible()).toBe(true)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(sheet.width)
  const link = await page.locator('#permanent').inputValue()
  expect(await page.getByText(link, { exact: true }).isVisible()).toBe(true)
  expect(await page.locator('#permanent').isVisible()).toBe(false)
})

test('given the results, then every chart is on paper', async () => {
  const stage = stageNow()
  await submit(stage)
  await stage.page.goto('/en/results')
  await onPaper()
  for (const chart of await stage.page.locator('svg[role=img]').all())
    expect(await chart.isVisible()).toBe(true)
})

test('given forced colours, then the size of the bloc that is shown still stands out', async () => {
  const { page } = await submitted()
  await page.emulateMedia({ forcedColors: 'active' })
  const [chosen, ...others] = await page.evaluate<string[]>(
    `['[aria-current]', 'button:not([aria-current])'].flatMap((which) =>
      [...document.querySelectorAll('.sizes ' + which)].map((each) => getComputedStyle(each).backgroundColor))`,
  )
  expect(others).toHaveLength(3)
  expect(others).not.toContain(chosen)
})

test('given forced colours, then the button that matters most is a ground with the words upon it', async () => {
  const stage = stageNow()
  await review(stage)
  const { page } = stage
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' })
  const [ground, words, paper, adjusted] = await page.evaluate<string[]>(
    `(({ backgroundColor, color, forcedColorAdjust }) =>
      [backgroundColor, color, getComputedStyle(document.body).backgroundColor, forcedColorAdjust])(
      getComputedStyle(document.querySelector('[data-submit]')))`,
  )
  expect(words).toBe(paper)
  expect(ground).not.toBe(paper)
  expect(adjusted, 'or paper is laid behind the words').toBe('none')
})

test('given forced colours, then charts are written in them', async () => {
  const { page } = await submitted()
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' })
  const [ink, text] = await page.evaluate<[string, string]>(
    `[getComputedStyle(document.querySelector('.bars .name')).fill, getComputedStyle(document.body).color]`,
  )
  expect(ink).toBe(text)
})

async function submitted() {
  const stage = stageNow()
  await submit(stage)
  await stage.page.goto('/en/results')
  return stage
}

test('given a narrow phone and long words, then no words of a chart lie on others', async () => {
  const stage = stageNow()
  await submit(stage, { language: 'es' })
  const { page } = stage
  await page.getByRole('img', { name: wordsIn('es').comparison.yours.heading }).waitFor()
  await page.locator('svg.split').getByText(wordsIn('es').comparison.place(0.3)).first().waitFor()
  for (const width of [sizes.phone.width, 320]) {
    await page.setViewportSize({ width, height: 700 })
    expect(await page.evaluate(OVERLAPS), `${width} px`).toEqual([])
  }
})

test.each(languages)(
  'given hours, then the two ends of the axis of time stand apart, in %s',
  async (language) => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const page = await stageNow().open(
      `/${language}/trends?bucket=hour&tz=America/New_York&from=${yesterday}`,
    )
    expect(await page.locator('svg.trend').first().locator('text').count()).toBe(5)
    expect(await page.evaluate(OVERLAPS)).toEqual([])
  },
)

/** Pairs of texts in one chart of a line, or in one row of a chart that divides everyone in three. */
const OVERLAPS = `[...document.querySelectorAll('svg.split > svg, svg.trend')].flatMap((row) => {
  const texts = [...row.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()])
  return texts.flatMap(([one, a], place) => texts.slice(place + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
    .map(([other]) => one + ' / ' + other))
})`
