import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the others build on comes first, and print, which takes back what they said, last. */
const rank = (name: string): number => (name === 'base.css' ? 0 : name === 'print.css' ? 2 : 1)

/** One stylesheet of every `.css` in a folder: a page asks once. */
export const stylesheet = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.css'))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((name) => smaller(readFileSync(join(folder, name), 'utf8')))
    .join('\n')

/** Without comments and indents. None of our styles has a string in which these would matter. */
const smaller = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim()
