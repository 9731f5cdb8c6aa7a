/** That the looking finds what it looks for: pages with one fault each. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible } from './axe.ts'
import { openBrowser } from './browser.ts'

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await openBrowser()
  page = await (await browser.newContext()).newPage()
})
afterAll(() => browser.close())

const pageWith = (body: string, style = '') => `<!doctype html><html lang="en"><head><title>A page</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <style>:root { color-scheme: light dark } html { background: #fff; color: #111 } * { overflow-wrap: break-word } button { padding: 20px }
    @media (prefers-color-scheme: dark) { html { background: #000; color: #fff } } ${style}</style></head>
  <body><main><h1>A page</h1>${body}</main></body></html>`

test('a page without a fault passes', async () => {
  await page.setContent(pageWith('<p>All is well.</p>'))
  await expectAccessible(page)
})

test.each([
  [
    'targets below 24 pixels',
    'target-size',
    '<button>a</button><button>b</button>',
    'button { all: unset; width: 12px; font-size: 8px; display: inline-block }',
  ],
  [
    'too little contrast in the dark alone',
    '375 px, dark',
    '<p>Hard to read</p>',
    '@media (prefers-color-scheme: dark) { p { color: #222 } }',
  ],
  [
    'small targets on a desktop alone',
    '1280 px, light',
    '<button>a</button><button>b</button>',
    '@media (min-width: 1000px) { button { all: unset; width: 12px; font-size: 8px; display: inline-block } }',
  ],
  ['a field without a name', 'label', '<input>', ''],
  ['what is wider than a phone', 'width at 375', '<div>wide</div>', 'div { width: 400px }'],
  ['what is wider than 320 pixels', 'width at 320', '<div>wide</div>', 'div { width: 340px }'],
  [
    'what has no room for spaced text',
    'with spaced text',
    `<p>${'a '.repeat(25)}</p>`,
    'p { width: max-content; font: 10px monospace }',
  ],
  ['a transition that nothing stops', 'with reduced motion', '<p>Moves</p>', 'p { transition: rotate 1s }'],
  [
    'an animation that nothing stops',
    'with reduced motion',
    '<p>Moves</p>',
    '@keyframes turn { to { rotate: 1turn } } p::after { content: "x"; animation: turn 1s infinite }',
  ],
])('%s: found', async (_fault, told, body, style) => {
  await page.setContent(pageWith(body, style))
  await expect(expectAccessible(page)).rejects.toThrow(told)
})
