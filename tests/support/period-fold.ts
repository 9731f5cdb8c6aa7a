/** A PeriodReader that folds events in memory, the plain way: what the stored one is held against. */
import type { RecordedEvent } from '../../src/events/event-log.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import type { Allocation } from '../../src/events/submission-events.ts'
import { emptyCategory, tally } from '../../src/projections/category-aggregate.ts'
import { Fold } from '../../src/projections/fold.ts'
import {
  PERIOD_MS,
  type PeriodAggregate,
  type PeriodKind,
  type PeriodReader,
  type PeriodSums,
} from '../../src/projections/period-aggregate.ts'

type Changing<T> = { -readonly [Name in keyof T]: T[Name] }
type Counts = Partial<Record<'counted' | 'excluded' | 'withdrawn', number>>

interface Data {
  readonly poll: string
  readonly occurredAt: string
  readonly submittedAt?: string
  readonly allocation?: Allocation
  readonly replaces?: Allocation
}

/** What each event does to the counts; whatever is not here does nothing. */
const countsOf: Readonly<Record<string, Counts>> = {
  AllocationSubmitted: { counted: 1 },
  AllocationRevised: {},
  AllocationWithdrawn: { counted: -1, withdrawn: 1 },
  SubmissionExcluded: { counted: -1, excluded: 1 },
  SubmissionReinstated: { counted: 1, excluded: -1 },
}

export class PeriodFold implements PeriodReader {
  /** The whole, folded by the code under test elsewhere: which events are parked, and what results are. */
  readonly whole = new Fold()
  checkpoint = 0n
  version = 1
  /** How many periods were handed out: only what changed shall be read. */
  read = 0
  readonly #periods = new Map<string, Map<number, Changing<PeriodAggregate>>>()

  apply(event: RecordedEvent): void {
    this.checkpoint = event.position
    const parked = this.whole.apply(event)
    const counts = countsOf[event.type]
    if (parked || !counts) return
    const data = event.data as Data
    const definition = this.whole.polls.get(data.poll)!.definition
    this.#change(`${data.poll} cast`, data.submittedAt ?? data.occurredAt, event, definition, counts)
    this.#change(`${data.poll} change`, data.occurredAt, event, definition, counts)
  }

  #change(
    key: string,
    time: string,
    event: RecordedEvent,
    { categories }: PollDefinition,
    counts: Counts,
  ): void {
    const start = Math.floor(Date.parse(time) / PERIOD_MS) * PERIOD_MS
    const periods = this.#periods.get(key) ?? new Map<number, Changing<PeriodAggregate>>()
    this.#periods.set(key, periods)
    const period = periods.get(start) ?? {
      ...{ start, position: 0n, counted: 0, excluded: 0, withdrawn: 0 },
      categories: categories.map(emptyCategory),
    }
    periods.set(start, period)
    period.position = event.position
    for (const [name, by] of Object.entries(counts)) period[name as keyof Counts] += by
    const { allocation, replaces } = event.data as Data
    for (const [index, { id }] of categories.entries()) {
      const category = period.categories[index] as ReturnType<typeof emptyCategory>
      if (replaces) tally(category, replaces[id]!, -1)
      if (allocation) tally(category, allocation[id]!, 1)
    }
  }

  /** The periods of a poll, in the order of time. */
  periods(poll: string, kind: PeriodKind): PeriodAggregate[] {
    return [...(this.#periods.get(`${poll} ${kind}`)?.values() ?? [])].sort((a, b) => a.start - b.start)
  }

  async sums(poll: string, kind: PeriodKind, { since }: { readonly since: bigint }) {
    const changed = this.periods(poll, kind).filter(({ position }) => position > since)
    this.read += changed.length
    return {
      version: this.version,
      checkpoint: this.checkpoint,
      about: {
        asOf: this.whole.polls.get(poll)?.asOf ?? null,
        parked: this.whole.polls.get(poll)?.parked ?? 0,
      },
      periods: inBatches(changed.map(withoutHistograms)),
    }
  }

  async *aggregates(poll: string, kind: PeriodKind, range: { readonly from: number; readonly to: number }) {
    const within = this.periods(poll, kind).filter(({ start }) => start >= range.from && start < range.to)
    yield* inBatches(structuredClone(within))
  }
}

const withoutHistograms = ({ categories, ...period }: PeriodAggregate): PeriodSums => ({
  ...period,
  sums: categories.map(({ sum }) => sum),
  sumSquares: categories.map(({ sumSquares }) => sumSquares),
})

async function* inBatches<T>(rows: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let first = 0; first < rows.length; first += 7) yield rows.slice(first, first + 7)
}
