import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { schemes, sizes } from './browser.ts'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds against WCAG 2.2 AA and good practice; another colour scheme changes nothing but contrasts. */
async function violations(page: Page, scheme: (typeof schemes)[number]): Promise<unknown[]> {
  const axe = new AxeBuilder({ page })
  if (scheme === 'dark') axe.withRules(['color-contrast'])
  else axe.withTags(rules)
  const found = await axe.analyze()
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
}

/** A page is accessible and does not scroll sideways, on a phone and a desktop, in light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const size of Object.values(sizes))
    for (const colorScheme of schemes) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      expect(await violations(page, colorScheme), `${size.width} px, ${colorScheme}`).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width)
    }
}
