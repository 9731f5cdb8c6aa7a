import { PollDefinition } from '../../../events/poll-events.ts'

/** Reads a poll file's text. @returns the poll, or every mistake in it */
export function readPollText(text: string): { poll: PollDefinition } | { errors: readonly string[] } {
  if (text.trim() === '') return { errors: ['Choose a poll file, or paste what is in one.'] }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { errors: [`This is not JSON: ${(error as Error).message}`] }
  }
  const read = PollDefinition.safeParse(json)
  if (read.success) return { poll: read.data }
  const errors = read.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`)
  return { errors: errors.slice(0, 20) }
}
