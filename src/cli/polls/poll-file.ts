import { readFile } from 'node:fs/promises'
import { PollDefinition } from '../../events/poll-events.ts'

/** A poll file is not what it should be. */
export class BadPollFile extends Error {
  override readonly name = 'BadPollFile'
}

/** Reads a poll's definition from a JSON file. @throws {BadPollFile} with every mistake in it */
export async function readPollFile(file: string): Promise<PollDefinition> {
  const parsed = PollDefinition.safeParse(parseJson(await readFile(file, 'utf8'), file))
  if (parsed.success) return parsed.data
  const mistakes = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'file'}: ${message}`)
  throw new BadPollFile(`${file} describes no poll:\n${mistakes.join('\n')}`)
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BadPollFile(`${file} is not JSON: ${(error as Error).message}`, { cause: error })
  }
}
