import { openPoll } from '../../commands/open-poll.ts'
import type { CataloguedPoll } from '../../commands/poll-catalogue.ts'
import type { SubmissionContext } from '../../commands/submit-allocation.ts'
import { Problem } from '../../errors.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import { type BallotFile, UnusableFile } from './ballot-file.ts'
import { matchCategories, pollFromFile } from './poll-from-file.ts'

export interface PreparedPoll {
  readonly definition: PollDefinition
  /** The poll's category ids in the order of the file's. */
  readonly categories: readonly string[]
  /** The poll did not exist. */
  readonly isNew: boolean
}

/**
 * The poll to import into: the one of that name, else one opened from the file.
 * @param dryRun opens nothing
 * @throws {Problem} POLL_CLOSED, EVENT_LOG_UNAVAILABLE
 * @throws {UnusableFile} the poll exists with other categories, or the file's make no poll
 */
export async function preparePoll(
  context: SubmissionContext,
  poll: string,
  file: BallotFile,
  { dryRun }: { dryRun: boolean },
): Promise<PreparedPoll> {
  const known = await find(context, poll)
  if (known?.status === 'closed')
    throw new Problem('POLL_CLOSED', {
      detail: `The poll ${poll} is closed and takes no import. To open it again: taxbudget polls reopen ${poll}`,
    })
  const [bad] = file.rejected
  if (!known && bad)
    throw new UnusableFile(
      `Line ${bad.line}: ${bad.reason} Mend it first: a poll that is opened from this file keeps its categories for good.`,
    )
  const definition = known?.definition ?? pollFromFile(poll, file)
  if (!known && !dryRun) {
    await openPoll(context, definition, await file.opensAt())
    context.polls.forget(poll)
  }
  return { definition, categories: matchCategories(file, definition), isNew: !known }
}

async function find({ polls }: SubmissionContext, poll: string): Promise<CataloguedPoll | undefined> {
  try {
    return await polls.get(poll)
  } catch (error) {
    if (error instanceof Problem && error.code === 'POLL_NOT_FOUND') return undefined
    throw error
  }
}
