import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The system's Chromium, quiet: it talks to nobody on its own. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => existsSync(place))
  if (!executablePath) throw new Error(`no Chromium at ${places.join(', ')}: install the package chromium`)
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
