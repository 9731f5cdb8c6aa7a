/** How a page is looked at in every accessibility test: one way for all. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { sizes } from './browser.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** What axe leaves out unless it is asked for by name. */
const alsoOn = { 'target-size': { enabled: true } }
/** What may be different at another width; the rest is the same document. */
const ofLayout = [
  ...['color-contrast', 'target-size', 'scrollable-region-focusable', 'link-in-text-block'],
  ...['heading-order', 'region', 'landmark-unique', 'skip-link', 'aria-hidden-focus'],
]
const ofColours = ['color-contrast', 'link-in-text-block']

/** The rules that are asked where; all of them if none are named. */
const looks: readonly (readonly [{ width: number; height: number }, 'light' | 'dark', string[]?])[] = [
  [sizes.phone, 'light'],
  [sizes.phone, 'dark', ofColours],
  [sizes.desktop, 'light', ofLayout],
  [sizes.desktop, 'dark', ofColours],
]

/** Widths in CSS pixels of a window of 1280 by 1024 with 200 % and with 400 % zoom. */
const zoomed = [
  { width: 640, height: 512 },
  { width: 320, height: 256 },
]

/**
 * A page is accessible (WCAG 2.2 AA and good practice) on a phone and a desktop, in light and dark; does not scroll
 * sideways there, nor with zoom, nor with the widest spacing of text; and stands still for those who want less motion.
 */
export async function expectAccessible(page: Page): Promise<void> {
  for (const [size, colorScheme, rules] of looks) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    expect(await violations(page, rules), `${size.width} px, ${colorScheme}`).toEqual([])
    await expectNoSidewaysScroll(page)
  }
  for (const size of zoomed) {
    await page.setViewportSize(size)
    await expectNoSidewaysScroll(page)
  }
  await expectStill(page)
  await expectRoomForSpacing(page)
}

/** @param rules only these; all of WCAG 2.2 AA and good practice if none are named */
async function violations(page: Page, rules?: readonly string[]): Promise<unknown[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode()
  if (rules) axe.withRules([...rules])
  else axe.options({ runOnly: { type: 'tag', values: tags }, rules: alsoOn })
  const found = await axe.analyze()
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

async function expectNoSidewaysScroll(page: Page, when = ''): Promise<void> {
  const [scrolled, seen] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, innerWidth]',
  )
  expect(scrolled, `width at ${seen} px ${when}`).toBeLessThanOrEqual(seen)
}

/** Nothing moves by itself, or would, where less motion is asked for. */
async function expectStill(page: Page): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await page.evaluate(MOVING), 'with reduced motion').toEqual([])
  await page.emulateMedia({ reducedMotion: null })
}

/** Elements, and what is written before and after them, that would move: as `tag.class`. */
const MOVING = `[...document.querySelectorAll('*')].flatMap((element) =>
  [undefined, '::before', '::after'].filter((pseudo) => {
    const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element, pseudo)
    return /[1-9]/.test(transitionDuration) || animationName !== 'none' || scrollBehavior === 'smooth'
  }).map((pseudo = '') => element.tagName + '.' + (element.getAttribute('class') ?? '') + pseudo))
  .concat(document.getAnimations().map(({ playState }) => 'an animation, ' + playState))`

/** Text spaced as widely as WCAG 1.4.12 asks for loses nothing sideways, on a phone. */
async function expectRoomForSpacing(page: Page): Promise<void> {
  await page.setViewportSize(sizes.phone)
  await page.evaluate(`(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }')
    document.adoptedStyleSheets = [sheet]
  })()`)
  await expectNoSidewaysScroll(page, 'with spaced text')
  await page.evaluate('document.adoptedStyleSheets = []')
}
