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

test.each([...views, ...assets])('%s asks nothing of anybody else', (_file, source) => {
  const elsewhere = source.replaceAll('http://www.w3.org/2000/svg', '')
  expect(elsewhere).not.toMatch(/(https?:)?\/\/[\w-]+\.[a-z]{2,}/i)
  expect(elsewhere).not.toMatch(/@import/)
})
