import { isDeepStrictEqual } from 'node:util'
import { type PollDefinition, pollStream } from '../events/poll-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { evolvePoll, noPoll, type PollState } from './poll-state.ts'

export interface OpenPoll {
  readonly definition: PollDefinition
  readonly occurredAt: string
}

/** Opens a new poll. The same definition again changes nothing; another one under the same name is refused. */
export function decideOpenPoll({ definition, occurredAt }: OpenPoll, state: PollState): Decision {
  if (state.status === 'none') return accept({ type: 'PollOpened', data: { ...definition, occurredAt } })
  if (isDeepStrictEqual(state.definition, definition)) return accept()
  return reject('POLL_EXISTS', {
    detail: `The poll ${definition.poll} exists with another question or other categories: a new question needs a new name.`,
  })
}

/** @throws {Problem} POLL_EXISTS, EVENT_LOG_UNAVAILABLE */
export const openPoll = (
  context: CommandContext,
  definition: PollDefinition,
  occurredAt = context.now().toISOString(),
): Promise<Handled<PollState>> =>
  handle(context, pollStream(definition.poll), { evolve: evolvePoll, initial: noPoll }, (state) =>
    decideOpenPoll({ definition, occurredAt }, state),
  )
