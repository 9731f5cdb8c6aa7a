import { type EventLog, type Position, START } from '../../events/event-log.ts'
import { type Difference, diffAggregates } from '../../projections/diff-aggregates.ts'
import { Fold } from '../../projections/fold.ts'
import { diffPeriods } from '../../projections/periods/diff-periods.ts'
import { type Month, monthOf } from '../../projections/periods/month.ts'
import { type PackedPeriod, PackedPeriods } from '../../projections/periods/packed-periods.ts'
import { PeriodChanges } from '../../projections/periods/period-changes.ts'
import type { EveryPeriod } from '../../projections/periods/period-store.ts'
import { copyPoll, type PollAggregate } from '../../projections/poll-aggregate.ts'
import type { LoadedProjection } from '../../projections/projection-store.ts'

/** What the comparison of one poll gave; no differences: it is right. */
export interface VerifiedPoll {
  readonly poll: string
  readonly counted: number
  /** How many quarters of an hour were compared. */
  readonly periods: number
  readonly differences: readonly Difference[]
}

export interface VerifyOptions {
  /** Only this poll; every poll if left out. */
  readonly poll: string | undefined
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

/** What is compared: expected or actual. */
interface Model {
  readonly polls: ReadonlyMap<string, PollAggregate>
  readonly periods: PackedPeriods
}

/**
 * Replays the log from its start and compares: the projection at its checkpoint, and the periods at theirs, poll by
 * poll. Periods of months whose partition is detached cannot be compared.
 */
export async function verifyProjection(
  log: EventLog,
  projection: LoadedProjection,
  stored: EveryPeriod,
  options: VerifyOptions,
): Promise<VerifiedPoll[]> {
  const periods = new PackedPeriods()
  for await (const batch of stored.periods)
    for (const { poll, start, kind, packed } of batch) periods.put(poll, start, kind, packed)
  const actual: Model = { polls: projection.fold.polls, periods }
  const expected = await replayed(log, [projection.checkpoint, stored.checkpoint], options)
  options.signal.throwIfAborted()
  const names = new Set([...expected.polls.keys(), ...actual.polls.keys()])
  return [...names]
    .filter((name) => options.poll === undefined || name === options.poll)
    .map((name) => verifyPoll(name, expected, actual, stored.detached))
}

/** The polls as they were at one position and the periods as they were at another. */
async function replayed(
  log: EventLog,
  [pollsAt, periodsAt]: readonly [Position, Position],
  { signal, onProgress }: VerifyOptions,
): Promise<Model> {
  const [fold, changes, periods] = [new Fold(), new PeriodChanges(), new PackedPeriods()]
  const upTo = pollsAt > periodsAt ? pollsAt : periodsAt
  let polls: Map<string, PollAggregate> | undefined
  let events = 0
  for await (const batch of log.readAll({ after: START, upTo, signal })) {
    for (const event of batch) {
      if (event.position > pollsAt) polls ??= copyPolls(fold)
      fold.onTally = event.position <= periodsAt ? changes.add : undefined
      fold.apply(event)
    }
    periods.add(changes.take())
    events += batch.length
    onProgress(Number(batch.at(-1)!.position) / Number(upTo), events)
  }
  return { polls: polls ?? fold.polls, periods }
}

const copyPolls = ({ polls }: Fold): Map<string, PollAggregate> =>
  new Map([...polls].map(([name, poll]) => [name, copyPoll(poll)]))

function verifyPoll(
  poll: string,
  { polls, periods }: Model,
  actual: Model,
  detached: ReadonlySet<Month>,
): VerifiedPoll {
  const [ours, theirs] = [polls.get(poll), actual.polls.get(poll)]
  const attached = periodsOf(periods, poll, detached)
  const described = { poll, counted: (theirs ?? ours)!.counted, periods: attached.size }
  if (ours && theirs) {
    const differences = diffAggregates(ours, theirs)
    const stored = periodsOf(actual.periods, poll, detached)
    return { ...described, differences: [...differences, ...diffPeriods(ours.definition, attached, stored)] }
  }
  const presence = (aggregate?: PollAggregate) => (aggregate ? 'there' : 'missing')
  return {
    ...described,
    differences: [{ what: 'the poll', expected: presence(ours), actual: presence(theirs) }],
  }
}

const periodsOf = (
  { polls }: PackedPeriods,
  poll: string,
  detached: ReadonlySet<Month>,
): Map<number, PackedPeriod> =>
  new Map([...(polls.get(poll) ?? [])].filter(([start]) => !detached.has(monthOf(start))))
