/** People type what they read: every command and link of the docs is there. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../src/cli/commands.ts'
import { filesBelow } from './project-files.ts'
import { expectRightCommand } from './support/right-commands.ts'

const root = join(import.meta.dirname, '..')
const documents = ['README.md', ...['docs', 'infra'].flatMap((part) => pathsBelow(part))]

function pathsBelow(folder: string): string[] {
  return filesBelow(folder, '.md').map(({ path }) => path)
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** What stands in blocks of code, a command each; what follows a # is a remark. */
const typed = (text: string): string[] =>
  [...text.matchAll(/^ {4}(.*)$/gm)].flatMap(([, line]) =>
    line!
      .replace(/ +#.*/, '')
      .split(' && ')
      .flatMap((part) => /\bnpm run (?:-s )?taxbudget -- (.+)/.exec(part)?.[1]?.trim() ?? []),
  )

/** What is named in a sentence, with or without its options; the line under a pseudonym is no command. */
const named = (text: string): string[] =>
  [...text.matchAll(/(?<!\bline )`taxbudget ([a-z][a-z -]*)/g)].map(([, words]) => words!.trim())

describe.each(documents)('%s', (path) => {
  test('has commands that can be typed as they stand', () => {
    for (const line of typed(read(path))) if (line !== 'help') expectRightCommand(line)
  })

  test('has no command that takes whatever Node there is: its own is behind npm and npx', () => {
    const lines = [...read(path).matchAll(/^ {4}(.*)$/gm)].map(([, line]) => line!)
    expect(lines.filter((line) => /^(?:[A-Z_]+=\S* )*node /.test(line))).toEqual([])
  })

  test('names commands that there are', () => {
    for (const words of named(read(path)))
      expect(
        commands.some(({ name }) => `${words} `.startsWith(`${name} `) || name.startsWith(`${words} `)),
        `there is a command "${words}"`,
      ).toBe(true)
  })

  test('leads to files that there are', () => {
    for (const [, link] of read(path).matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(existsSync(join(root, dirname(path), link!)), link).toBe(true)
  })
})

test('there are commands and links in them', () => {
  const all = documents.map(read)
  expect(all.flatMap(typed).length).toBeGreaterThan(30)
  expect(all.flatMap(named).length).toBeGreaterThan(20)
})
