/** Operators type what they are told to type. */
import { expect, test } from 'vitest'
import { filesBelow } from '../project-files.ts'
import { expectRightCommand } from '../support/right-commands.ts'

/** `taxbudget …` between (escaped) backticks, or after a colon at the end of a sentence. */
const NAMED = /(?:\\?`taxbudget ((?:[^`\\$]|\$\{[^}]+\})+)\\?`|: taxbudget ([^`'"\n]+)[`'"])/g

test('every command that the doctor and the command line advise is one that can be typed', () => {
  const code = ['doctor', 'cli', 'projections'].flatMap((part) => filesBelow(`src/${part}`, '.ts'))
  let advised = 0
  for (const [, quoted, after] of code.flatMap(({ code }) => [...code.matchAll(NAMED)])) {
    const line = (quoted ?? after)!.replaceAll(/\$\{[^}]+\}/g, 'x')
    // Help shows a command with its usage.
    if (/[[<…]|usage/.test(line)) continue
    expectRightCommand(line)
    advised++
  }
  expect(advised).toBeGreaterThan(10)
})
