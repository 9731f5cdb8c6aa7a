import { type EventLog, type Position, START } from '../../events/event-log.ts'
import { emptyCategory } from '../../projections/category-aggregate.ts'
import { type Difference, diffAggregates } from '../../projections/diff-aggregates.ts'
import { Fold } from '../../projections/fold.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import type { LoadedProjection } from '../../projections/projection-store.ts'
import type { RowsAggregate } from '../../projections/submission-rows/rows-aggregates.ts'

/** What is compared with a replay: each read model at a position to which it has come. */
export interface Compared {
  readonly projection: LoadedProjection
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
  readonly differences: readonly Difference[]
}

export interface VerifyOptions {
  /** Only this poll; every poll if left out. */
  readonly poll: string | undefined
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, events: number) => void
}

/** Replays the log from its start to the projection's checkpoint and compares, poll by poll. */
export async function verifyProjection(
  log: EventLog,
  { projection, rows }: Compared,
  { poll, signal, onProgress }: VerifyOptions,
): Promise<VerifiedPoll[]> {
  const replayed = new Fold()
  let rowsDiffer: ReadonlyMap<string, readonly Difference[]> | undefined
  let events = 0
  const upTo = projection.checkpoint
  for await (const batch of log.readAll({ after: START, upTo, signal })) {
    for (const event of batch) {
      if (event.position > rows.position) rowsDiffer ??= diffRows(replayed, rows.aggregates)
      replayed.apply(event)
    }
    events += batch.length
    onProgress(Number(batch.at(-1)!.position) / Number(upTo), events)
  }
  signal.throwIfAborted()
  rowsDiffer ??= diffRows(replayed, rows.aggregates)
  const names = new Set([...replayed.polls.keys(), ...projection.fold.polls.keys(), ...rowsDiffer.keys()])
  return [...names]
    .filter((name) => poll === undefined || name === poll)
    .map((name) => {
      const verified = verifyPoll(name, replayed.polls.get(name), projection.fold.polls.get(name))
      return { ...verified, differences: [...verified.differences, ...(rowsDiffer.get(name) ?? [])] }
    })
}

/** What the rows of submissions add up to otherwise than the replay, by poll. */
function diffRows(
  { polls }: Fold,
  aggregates: ReadonlyMap<string, RowsAggregate>,
): Map<string, readonly Difference[]> {
  const differences = new Map<string, readonly Difference[]>()
  for (const [name, expected] of polls) {
    const none = { counted: 0, excluded: 0, withdrawn: 0, categories: [] }
    const { categories, ...counts } = aggregates.get(name) ?? none
    const actual = expected.definition.categories.map((_, index) => categories[index] ?? emptyCategory())
    const found = diffAggregates(expected, { ...expected, ...counts, categories: actual })
    differences.set(
      name,
      found.map((difference) => ({ ...difference, what: `submissions: ${difference.what}` })),
    )
  }
  for (const name of aggregates.keys())
    if (!polls.has(name))
      differences.set(name, [{ what: 'submissions: the poll', expected: 'missing', actual: 'there' }])
  return differences
}

function verifyPoll(poll: string, expected?: PollAggregate, actual?: PollAggregate): VerifiedPoll {
  const counted = (actual ?? expected)?.counted ?? 0
  if (expected && actual) return { poll, counted, differences: diffAggregates(expected, actual) }
  if (!expected && !actual) return { poll, counted, differences: [] }
  const presence = (aggregate?: PollAggregate) => (aggregate ? 'there' : 'missing')
  return {
    poll,
    counted,
    differences: [{ what: 'the poll', expected: presence(expected), actual: presence(actual) }],
  }
}
