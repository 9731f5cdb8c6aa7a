import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** The files that `node --env-file=FILE` has read into the environment, in its order. */
export const environmentFiles = (execArgv: readonly string[]): string[] =>
  execArgv.flatMap((argument, index) => {
    const [, file] = /^--env-file(?:-if-exists)?(?:=(.*))?$/s.exec(argument) ?? []
    if (!argument.startsWith('--env-file')) return []
    return file ?? execArgv[index + 1] ?? []
  })

/**
 * Where a value is from. What is in the environment already stays there whatever a file says, and of several files the
 * last one counts: whose value it is has set it.
 * @returns `environment`, or the name of the file
 */
export function sourceOf(name: string, value: string, files: readonly string[]): string {
  return files.findLast((file) => valuesIn(file)[name] === value) ?? 'environment'
}

function valuesIn(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch {
    // It may have been there if it exists, or is gone since.
    return {}
  }
}
