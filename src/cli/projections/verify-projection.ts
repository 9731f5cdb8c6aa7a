import { type EventLog, START } from '../../events/event-log.ts'
import { type Difference, diffAggregates } from '../../projections/diff-aggregates.ts'
import { Fold } from '../../projections/fold.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import type { LoadedProjection } from '../../projections/projection-store.ts'

/** What the comparison of one poll gave; no differences: it is right. */
export interface VerifiedPoll {
  readonly poll: string
  readonly counted: number
  readonly differences: readonly Difference[]
}

export interface VerifyOptions {
  /** Only this poll; every poll if left out. */
  readonly poll: string | undefined
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

/**
 * Replays the log from its start to the projection's checkpoint and compares the two, poll by poll.
 * @param projection as it stands at its checkpoint
 */
export async function verifyProjection(
  log: EventLog,
  projection: LoadedProjection,
  { poll, signal, onProgress }: VerifyOptions,
): Promise<VerifiedPoll[]> {
  const replayed = new Fold()
  let events = 0
  const upTo = projection.checkpoint
  for await (const batch of log.readAll({ after: START, upTo, signal })) {
    for (const event of batch) replayed.apply(event)
    events += batch.length
    onProgress(Number(batch.at(-1)!.position) / Number(upTo), events)
  }
  signal.throwIfAborted()
  const names = new Set([...replayed.polls.keys(), ...projection.fold.polls.keys()])
  return [...names]
    .filter((name) => poll === undefined || name === poll)
    .map((name) => verifyPoll(name, replayed.polls.get(name), projection.fold.polls.get(name)))
}

function verifyPoll(poll: string, expected?: PollAggregate, actual?: PollAggregate): VerifiedPoll {
  const counted = (actual ?? expected)!.counted
  if (expected && actual) return { poll, counted, differences: diffAggregates(expected, actual) }
  const presence = (aggregate?: PollAggregate) => (aggregate ? 'there' : 'missing')
  return {
    poll,
    counted,
    differences: [{ what: 'the poll', expected: presence(expected), actual: presence(actual) }],
  }
}
