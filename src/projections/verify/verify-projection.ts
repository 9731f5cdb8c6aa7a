import { type EventLog, type Position, START } from '../../events/event-log.ts'
import { type Difference, diffAggregates } from '../diff-aggregates.ts'
import { Fold } from '../fold.ts'
import { diffPeriods } from '../periods/diff-periods.ts'
import { type Month, monthOf } from '../periods/month.ts'
import { type PackedPeriod, PackedPeriods } from '../periods/packed-periods.ts'
import { PeriodChanges } from '../periods/period-changes.ts'
import type { EveryPeriod } from '../periods/period-store.ts'
import { copyPoll, type PollAggregate } from '../poll-aggregate.ts'
import type { LoadedProjection } from '../projection-store.ts'
import type { RowsAggregate } from '../submission-rows/rows-aggregates.ts'
import { diffRows } from './diff-rows.ts'

/** What is compared with a replay: each read model at the position to which it has come. */
export interface Compared {
  readonly projection: LoadedProjection
  readonly periods: EveryPeriod
  readonly rows: {
    /** No later than the projection's checkpoint. */
    readonly position: Position
    readonly aggregates: ReadonlyMap<string, RowsAggregate>
  }
}

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

/** Polls and their periods, expected or actual. */
interface Model {
  readonly polls: ReadonlyMap<string, PollAggregate>
  readonly periods: PackedPeriods
}

/** What a replay gives, and what of the rows of submissions is otherwise. */
interface Replayed extends Model {
  readonly rowsDiffer: ReadonlyMap<string, readonly Difference[]>
}

/**
 * Replays the log from its start and compares each read model at its own checkpoint, poll by poll. Periods of months
 * whose partition is detached cannot be compared.
 */
export async function verifyProjection(
  log: EventLog,
  compared: Compared,
  options: VerifyOptions,
): Promise<VerifiedPoll[]> {
  const periods = new PackedPeriods()
  for await (const batch of compared.periods.periods)
    for (const { poll, start, kind, packed } of batch) periods.put(poll, start, kind, packed)
  const actual: Model = { polls: compared.projection.fold.polls, periods }
  const expected = await replayed(log, compared, options)
  options.signal.throwIfAborted()
  const names = new Set([...expected.polls.keys(), ...actual.polls.keys(), ...expected.rowsDiffer.keys()])
  return [...names]
    .filter((name) => options.poll === undefined || name === options.poll)
    .map((name) => {
      const verified = verifyPoll(name, expected, actual, compared.periods.detached)
      const inRows = expected.rowsDiffer.get(name) ?? []
      return { ...verified, differences: [...verified.differences, ...inRows] }
    })
}

/** Each as it was at the position to which what it is compared with has come. */
async function replayed(
  log: EventLog,
  { projection: { checkpoint: pollsAt }, periods: { checkpoint: periodsAt }, rows }: Compared,
  { signal, onProgress }: VerifyOptions,
): Promise<Replayed> {
  const [fold, changes, periods] = [new Fold(), new PeriodChanges(), new PackedPeriods()]
  const upTo = pollsAt > periodsAt ? pollsAt : periodsAt
  let polls: Map<string, PollAggregate> | undefined
  let rowsDiffer: ReadonlyMap<string, readonly Difference[]> | undefined
  let events = 0
  for await (const batch of log.readAll({ after: START, upTo, signal })) {
    for (const event of batch) {
      if (event.position > pollsAt) polls ??= copyPolls(fold)
      if (event.position > rows.position) rowsDiffer ??= diffRows(fold.polls, rows.aggregates)
      fold.onTally = event.position <= periodsAt ? changes.add : undefined
      fold.apply(event)
    }
    periods.add(changes.take())
    events += batch.length
    onProgress(Number(batch.at(-1)!.position) / Number(upTo), events)
  }
  rowsDiffer ??= diffRows(fold.polls, rows.aggregates)
  return { polls: polls ?? fold.polls, periods, rowsDiffer }
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
  const described = { poll, counted: (theirs ?? ours)?.counted ?? 0, periods: attached.size }
  if (ours && theirs) {
    const differences = diffAggregates(ours, theirs)
    const stored = periodsOf(actual.periods, poll, detached)
    return { ...described, differences: [...differences, ...diffPeriods(ours.definition, attached, stored)] }
  }
  if (!ours && !theirs) return { ...described, differences: [] }
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
