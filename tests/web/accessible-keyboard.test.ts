/** From the first Tab to the withdrawn submission by keyboard alone, in each language; whatever has the focus is seen. */
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { languages } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import { sizes } from './browser.ts'
import { stageFor } from './stage.ts'

const stage = stageFor()

/** What has the focus: its name, and whether it, its field or its picture is marked, and it is not wholly covered. */
const FOCUSED = `(() => {
  const element = document.activeElement
  // Between the last place and the first one comes the browser itself.
  if (element === document.body) return { id: '', name: '', isMarked: true, isUncovered: true }
  const name = element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent
  const marks = [element, element.closest('.field'), element.nextElementSibling]
    .filter((each) => each !== null).map((each) => getComputedStyle(each))
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const isUncovered = [0.1, 0.5, 0.9].some((part) => {
    const there = document.elementFromPoint(left + (right - left) / 2, top + (bottom - top) * part)
    return there !== null && (element.contains(there) || there.contains(element))
  })
  return { id: element.id, name: name.trim(), isMarked: marks.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && outlineWidth !== '0px'), isUncovered }
})()`

interface Focused {
  readonly id: string
  readonly name: string
  readonly isMarked: boolean
  readonly isUncovered: boolean
}

/** Presses Tab until what is meant has the focus; everything on the way is marked and not covered. */
async function tabTo(page: Page, isMeant: (focused: Focused) => boolean): Promise<void> {
  for (let pressed = 0; pressed < 120; pressed++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<Focused>(FOCUSED)
    expect(focused).toMatchObject({ isMarked: true, isUncovered: true })
    if (isMeant(focused)) return
  }
  throw new Error('nothing of the kind gets the focus')
}

const named =
  (name: string) =>
  ({ name: found }: Focused) =>
    found === name

describe.each(languages)('in %s', (language) => {
  const words = wordsIn(language)

  test.each(Object.entries(sizes))(
    'a split is entered, corrected, submitted, changed and withdrawn, on a %s',
    async (_size, viewport) => {
      const page = await stage().open(`/${language}/`, { viewport })
      const type = async (category: string, share: string) => {
        await tabTo(page, ({ id }) => id === `share-${category}`)
        await page.keyboard.press('ControlOrMeta+A')
        await page.keyboard.type(share)
      }
      const press = async (name: string) => {
        await tabTo(page, named(name))
        await page.keyboard.press('Enter')
      }
      await press(words.common.skip)
      await type('health', '130')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await type('health', '100')
      await press(words.form.review)
      await page.getByRole('heading', { name: words.review.heading }).waitFor()
      await press(words.review.submit)
      await page.waitForURL('**/submissions/*')
      await page.getByText(words.submission.thanks).waitFor()
      await press(words.submission.change)
      await page.getByRole('heading', { name: words.form.changeHeading }).waitFor()
      await type('health', '95')
      await press(words.form.equally)
      await press(words.form.review)
      await page.getByRole('heading', { name: words.review.revisionHeading }).waitFor()
      await press(words.review.replace)
      await page.waitForURL('**/submissions/*')
      await page.getByText(words.submission.changeMind).waitFor()
      await press(words.submission.withdraw)
      await press(words.submission.withdrawForGood)
      await page.getByText(words.submission.withdrawn).waitFor()
      expect(stage().complaints).toEqual([])
    },
    120_000,
  )
})
