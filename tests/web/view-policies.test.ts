import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const web = join(import.meta.dirname, '..', '..', 'src', 'web')
const files = (folder: string) =>
  readdirSync(join(web, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const views = files('views').map((file) => [file.slice(web.length + 1), readFileSync(file, 'utf8')] as const)
const assets = files('public').map(
  (file) => [file.slice(web.length + 1), readFileSync(file, 'utf8')] as const,
)

describe.each(views)('%s', (_file, source) => {
  test('writes nothing unescaped but other views', () => {
    const raw = [...source.matchAll(/<%-[\s\S]*?%>/g)].map(([tag]) => tag)
    expect(raw.filter((tag) => !/^<%-\s*include\(/.test(tag))).toEqual([])
  })

  test('has no code and no style inside the markup', () => {
    const markup = source.replace(/<%[\s\S]*?%>/g, '')
    expect(markup).not.toMatch(/\son\w+\s*=|\sstyle\s*=|<style|javascript:/i)
    expect(markup).not.toMatch(/<script(?![^>]*\bsrc=)/i)
  })
})

/** The receipt is what this one proves; it changes nothing but this browser's own cookies. */
const proves = 'views/partials/receipt-field.ejs'
/** Send on what was sent to them, its token with it. */
const sendOn = ['views/message.ejs', 'views/review.ejs']
const tokens = /name="(token|form)" value="<%= [\w.]*(token|Token|form) %>"|include\('(partials\/)?seen',/

test('every form that changes something carries a token of its own', () => {
  const forms = views.flatMap(([file, source]) =>
    [...source.matchAll(/<form\b[^>]*\bmethod="post"[\s\S]*?<\/form>/g)].map(([form]) => ({ file, form })),
  )
  expect(forms.length).toBeGreaterThan(12)
  const bare = forms.filter(({ form }) => !tokens.test(form)).map(({ file }) => file)
  expect([...new Set(bare)].sort()).toEqual([...sendOn, proves].sort())
})

/** What a view's markup itself says, without what its code puts in. */
const spokenIn = (markup: string): string[] => {
  const attributes = [...markup.matchAll(/\b(?:aria-label|alt|title|placeholder|label|content)="([^"]*)"/g)]
  const text = markup.replace(/<[^>]*>/g, '\n')
  return [text, ...attributes.map(([, value]) => value!)]
}

/** Attributes of `meta` that browsers read. */
const forBrowsers = /^(width=device-width, initial-scale=1|light dark|noindex|website|summary_large_image)$/

/** The operators' console speaks English alone. */
const translated = views.filter(([file]) => !file.startsWith('views/operator/'))

describe.each(translated)('%s', (_file, source) => {
  const code = source.replace(/<%#[\s\S]*?%>/g, '').match(/<%[\s\S]*?%>/g) ?? []
  const markup = source.replace(/<%[\s\S]*?%>/g, '')

  test('says nothing itself: its words are in the catalogue', () => {
    const said = spokenIn(markup).flatMap((text) => text.split('\n').map((line) => line.trim()))
    expect(said.filter((text) => /\p{L}/u.test(text) && !forBrowsers.test(text))).toEqual([])
  })

  test('has no words in its code', () => {
    const literals = code
      .flatMap((tag) => tag.match(/'[^'\n]*'|"[^"\n]*"/g) ?? [])
      .map((text) => text.slice(1, -1))
    expect(literals.filter((text) => /\p{L}\s+\p{L}|^\p{Lu}\p{Ll}/u.test(text.trim()))).toEqual([])
    const templates = code.flatMap((tag) => tag.match(/`[^`]*`/g) ?? [])
    expect(templates.filter((text) => text !== '` aria-invalid=true`')).toEqual([])
  })
})

test.each([...views, ...assets])('%s asks nothing of anybody else', (_file, source) => {
  const elsewhere = source.replaceAll('http://www.w3.org/2000/svg', '')
  expect(elsewhere).not.toMatch(/(https?:)?\/\/[\w-]+\.[a-z]{2,}/i)
  expect(elsewhere).not.toMatch(/@import/)
})
