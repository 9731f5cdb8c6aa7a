/** What people do on the pages, in either language, for tests in a browser. */
import type { Language } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import type { Stage } from './stage.ts'

interface Walk {
  readonly language?: Language
  /** Percent by category. */
  readonly shares?: Readonly<Record<string, string>>
  readonly remember?: boolean
}

/** Opens the form and fills it. */
export async function fill(
  stage: Stage,
  { language = 'en', shares = {}, remember }: Walk = {},
): Promise<void> {
  const page = await stage.open(`/${language}/`)
  for (const [category, share] of Object.entries(shares)) await stage.field(category).fill(share)
  if (remember) await page.getByLabel(wordsIn(language).form.remember).check()
}

const whole = { health: '60', other: '40' }

/** … and reviews it. */
export async function review(stage: Stage, walk: Walk = {}): Promise<void> {
  const words = wordsIn(walk.language ?? 'en')
  await fill(stage, { shares: whole, ...walk })
  await stage.button(words.form.review).click()
  await stage.page.getByRole('heading', { name: words.review.heading }).waitFor()
}

/** … and submits it: its owner's page is open then. */
export async function submit(stage: Stage, walk: Walk = {}): Promise<void> {
  await review(stage, walk)
  await stage.button(wordsIn(walk.language ?? 'en').review.submit).click()
  await stage.page.waitForURL('**/submissions/*')
}

/** … and withdraws it. */
export async function withdraw(stage: Stage, walk: Walk = {}): Promise<void> {
  const words = wordsIn(walk.language ?? 'en').submission
  await submit(stage, walk)
  await stage.page.getByText(words.withdraw, { exact: true }).click()
  await stage.button(words.withdrawForGood).click()
  await stage.page.getByText(words.withdrawn).waitFor()
}

/** Unfolds everything that can be. */
export async function unfold({ page }: Stage): Promise<void> {
  await page.locator('summary').first().waitFor()
  await page.evaluate(`document.querySelectorAll('details').forEach((each) => { each.open = true })`)
}
