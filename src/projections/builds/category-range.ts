/** Ranges of the results and their periods, folded on credit and added up in the order of the log. */
import { isDeepStrictEqual } from 'node:util'
import type { DatabasePool } from 'slonik'
import type { EventLog } from '../../events/event-log.ts'
import type { EventBatch } from '../../events/submitted-run.ts'
import { Fold, type ParkedEvent } from '../fold.ts'
import { outcomeOf } from '../fold-outcome.ts'
import { applyBatch } from '../fold-run.ts'
import { ActivePeriods } from '../periods/active-periods.ts'
import type { PollAggregate } from '../poll-aggregate.ts'
import { applyEffect, fits, PollOnCredit } from '../poll-effect.ts'
import type { LoadedProjection, ProjectionStore } from '../projection-store.ts'
import { CheckpointMoved } from '../read-model.ts'
import { type Act, actsIn } from '../retried-event.ts'
import type { Range } from './build-jobs.ts'
import { knownPolls } from './known-polls.ts'
import { type PreparedRange, type RangeOptions, readRange } from './prepared-range.ts'

export interface CategorySources {
  readonly log: Pick<EventLog, 'readAll'>
  readonly store: ProjectionStore
  readonly pool: DatabasePool
}

interface Folded {
  readonly fold: Fold
  readonly periods: ActivePeriods
  readonly parked: readonly ParkedEvent[]
  /** What operators did: what that does depends on what is parked before. */
  readonly acts: readonly Act[]
}

/**
 * Folds a range on credit: whatever it takes back is taken for counted before. Which polls there are at its start is
 * taken from whatever version knows them; it is looked at when the range is stored.
 */
export async function prepareCategoryRange(
  sources: CategorySources,
  version: number,
  range: Range,
  options: RangeOptions,
): Promise<PreparedRange> {
  const { pool } = sources
  const polls = await knownPolls(pool, version, range.after)
  const onCredit = new Map(polls.map((poll) => [poll.definition.poll, new PollOnCredit(poll)]))
  const periods = new ActivePeriods(pool, version, range.after, () => new Date())
  const folding = startFold(new Fold(new Map(onCredit)), periods)
  const reached = await readRange(sources.log, range, { ...options, forFold: true }, folding.apply)
  const exact = { after: range.after, upTo: reached.position }
  return {
    ...reached,
    commit: () => commit(sources, version, exact, { ...folding, onCredit }, options),
    giveUp: async () => {},
  }
}

function startFold(fold: Fold, periods: ActivePeriods) {
  const parked: ParkedEvent[] = []
  const acts: Act[] = []
  fold.listener = periods.changes
  const apply = (batch: EventBatch) => {
    parked.push(...applyBatch(fold, batch))
    acts.push(...actsIn(batch))
  }
  return { fold, periods, parked, acts, apply }
}

interface FoldedOnCredit extends Folded {
  readonly onCredit: ReadonlyMap<string, PollOnCredit>
}

async function commit(
  { log, store }: CategorySources,
  version: number,
  range: Range,
  onCredit: FoldedOnCredit,
  options: RangeOptions,
): Promise<boolean> {
  const stored = await store.load(version)
  if (stored.checkpoint !== range.after || stored.periods.checkpoint !== range.after)
    throw new CheckpointMoved(`version ${version} is at ${stored.checkpoint}, not at ${range.after}`)
  let folded: Folded | undefined = added(stored, onCredit)
  const again = folded === undefined
  if (!folded) {
    const folding = startFold(stored.fold, stored.periods)
    await readRange(log, range, { ...options, forFold: true }, folding.apply)
    folded = folding
  }
  const { after: from, upTo: to } = range
  const { fold, periods } = folded
  await store.save({
    version,
    from,
    to,
    polls: [...fold.polls.values()].filter((poll) => poll.position > from),
    ...outcomeOf(fold, folded.parked, folded.acts),
    unknown: fold.unknown,
    periods: await periods.changed(to),
  })
  return again
}

/** The stored polls with the range added; undefined, and nothing is changed, if it must be folded event by event. */
function added({ fold }: LoadedProjection, range: FoldedOnCredit): Folded | undefined {
  const { onCredit } = range
  if (fold.polls.size !== onCredit.size || range.acts.length > 0) return undefined
  const effects = [...onCredit].map(([name, poll]) => ({
    poll: fold.polls.get(name),
    onCredit: poll,
    effect: poll.effect,
  }))
  const fit = effects.every(
    ({ poll, onCredit, effect }) => poll && isSamePoll(poll, onCredit) && fits(poll, effect),
  )
  if (!fit) return undefined
  for (const { poll, effect } of effects) applyEffect(poll!, effect)
  for (const [name, poll] of range.fold.polls) if (!onCredit.has(name)) fold.polls.set(name, poll)
  fold.unknown += range.fold.unknown
  return { ...range, fold }
}

const isSamePoll = (one: PollAggregate, other: Pick<PollAggregate, 'definition' | 'openedAt'>): boolean =>
  one.openedAt === other.openedAt && isDeepStrictEqual(one.definition, other.definition)
