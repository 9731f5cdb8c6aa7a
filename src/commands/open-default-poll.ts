import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../errors.ts'
import { PollDefinition } from '../events/poll-events.ts'
import type { CommandContext } from './handler.ts'
import { openPoll } from './open-poll.ts'

/**
 * Opens the default poll from its file; later starts find it there.
 * @param onChanged told when the file has changed since: the poll stays as it was opened
 */
export async function openDefaultPoll(
  context: CommandContext,
  { pollsDir, defaultPoll }: { readonly pollsDir: string; readonly defaultPoll: string },
  onChanged: () => void,
): Promise<void> {
  const file = join(pollsDir, `${defaultPoll}.json`)
  const definition = PollDefinition.parse(JSON.parse(await readFile(file, 'utf8')))
  try {
    await openPoll(context, definition)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'POLL_EXISTS') throw error
    onChanged()
  }
}
