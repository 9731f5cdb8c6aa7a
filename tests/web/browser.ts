import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../infra/chromium.ts'

/** The system's Chromium, quiet: it talks to nobody on its own. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('there is no Chromium: install the package chromium')
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

export const sizes = { phone: { width: 375, height: 812 }, desktop: { width: 1280, height: 900 } } as const
export const schemes = ['light', 'dark'] as const
