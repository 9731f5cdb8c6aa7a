import type { EventLog, Position } from '../../events/event-log.ts'
import { pollStream } from '../../events/poll-events.ts'
import { Fold } from '../../projections/fold.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'

/** A poll just after it was opened, from its own stream. @returns undefined if that was not before `upTo` */
export async function findOpenedPoll(
  log: Pick<EventLog, 'readStream'>,
  poll: string,
  upTo: Position,
): Promise<PollAggregate | undefined> {
  const fold = new Fold()
  for (const event of await log.readStream(pollStream(poll))) {
    if (event.position > upTo) break
    fold.apply(event)
    const opened = fold.polls.get(poll)
    if (opened) return opened
  }
  return undefined
}
