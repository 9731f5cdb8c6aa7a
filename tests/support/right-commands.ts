import { expect } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { parseCommandLine } from '../../src/cli/parse-command-line.ts'

/** Every command of ours that is named in a text can be typed as it is written. */
export function expectRightCommands(text = ''): void {
  for (const [, line] of text.matchAll(/`taxbudget ([^`]+)`/g)) expectRightCommand(line!)
}

/** @param line what follows `taxbudget` */
export function expectRightCommand(line: string): void {
  const words = line.split(' ')
  const found = [2, 1].flatMap((length) => {
    const command = commands.find(({ name }) => name === words.slice(0, length).join(' '))
    return command ? [{ command, rest: words.slice(length) }] : []
  })[0]
  expect(found, `there is a command "${line}"`).toBeDefined()
  expect(() => parseCommandLine(found!.command, found!.rest), line).not.toThrow()
}
