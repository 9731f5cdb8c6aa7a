import type { Position } from '../../events/event-log.ts'
import type { Difference } from '../diff-aggregates.ts'
import type { Fold } from '../fold.ts'
import { copyPoll, type MutablePollAggregate, type PollAggregate } from '../poll-aggregate.ts'
import { applyEffect, type PollEffect } from '../poll-effect.ts'
import type { PollStates } from '../poll-states/poll-states.ts'
import { diffPolls } from './diff-polls.ts'

/** The state of one poll at the end of a segment of the log, and what the segment did to it. */
export interface StoredStates {
  readonly poll: string
  readonly position: Position
  readonly state: () => Promise<PollAggregate>
  /** Undefined: it is not known. */
  readonly effect: (() => Promise<PollEffect>) | undefined
}

/** What has been kept of the past, in the order of the log: states of today's fold. */
export async function storedStates(
  states: Pick<PollStates, 'kept' | 'poll' | 'effect'>,
): Promise<readonly StoredStates[]> {
  return (await states.kept()).map(({ poll, position, hasEffect }) => ({
    ...{ poll, position },
    state: () => states.poll(poll, position),
    effect: hasEffect ? () => states.effect(poll, position) : undefined,
  }))
}

type Found = (poll: string, differences: readonly Difference[]) => void

/** Compares each with the fold when that has come to it. One that cannot be read is a difference, too. */
export function statesStops(states: readonly StoredStates[], found: Found) {
  const before = new Map<string, MutablePollAggregate>()
  return states.map(({ poll, position, state, effect }) => ({
    position,
    look: async ({ polls }: Pick<Fold, 'polls'>): Promise<void> => {
      const expected = polls.get(poll)
      const earlier = before.get(poll)
      const tell = (what: string, differences: readonly Difference[]) =>
        found(
          poll,
          differences.map((each) => ({ ...each, what: `${what} at position ${position}: ${each.what}` })),
        )
      tell('stored state', await differencesOf(expected, state))
      if (effect)
        tell('stored effect', await differencesOf(expected, async () => after(earlier, await effect())))
      if (expected) before.set(poll, copyPoll(expected))
    },
  }))
}

/** @throws if the effect is that of another state */
function after(earlier: MutablePollAggregate | undefined, effect: PollEffect): PollAggregate {
  if (!earlier || !applyEffect(earlier, effect)) throw new Error('it does not fit the state before')
  return earlier
}

async function differencesOf(
  expected: PollAggregate | undefined,
  read: () => Promise<PollAggregate>,
): Promise<Difference[]> {
  try {
    return diffPolls(expected, await read())
  } catch (error) {
    const actual = (error as Error).message.split('\n')[0]!
    return [{ what: 'the poll', expected: 'can be used', actual }]
  }
}
