import { pollStream } from '../events/poll-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import { type CommandContext, type Handled, handle } from './handler.ts'
import { evolvePoll, noPoll, type PollState } from './poll-state.ts'

export interface ClosePoll {
  readonly poll: string
  /** Label of the operator. */
  readonly by: string
  readonly occurredAt: string
}

/** Closes an open poll; a closed one stays as it is. */
export function decideClosePoll({ poll, by, occurredAt }: ClosePoll, state: PollState): Decision {
  switch (state.status) {
    case 'none':
      return reject('POLL_NOT_FOUND', { detail: `There is no poll called ${poll}.` })
    case 'open':
      return accept({ type: 'PollClosed', data: { poll, by, occurredAt } })
    case 'closed':
      return accept()
    default:
      return state satisfies never
  }
}

/** @param by label of the operator @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
export const closePoll = (context: CommandContext, poll: string, by: string): Promise<Handled<PollState>> =>
  handle(context, pollStream(poll), { evolve: evolvePoll, initial: noPoll }, (state) =>
    decideClosePoll({ poll, by, occurredAt: context.now().toISOString() }, state),
  )
