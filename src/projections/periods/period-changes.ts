import type { PollDefinition } from '../../events/poll-events.ts'
import type { Allocation } from '../../events/submission-events.ts'
import { tally as count } from '../category-aggregate.ts'
import type { RunTally, Tally, TallyListener } from '../fold.ts'
import type { PeriodKind } from '../period-aggregate.ts'
import { emptyPart, type PeriodDelta, type PeriodPart } from './period.ts'
import { PeriodFinder } from './period-finder.ts'
import { SharesToCount } from './shares-to-count.ts'

/** Poll → start of the period → what was changed. */
export type DeltasOfPolls = ReadonlyMap<string, ReadonlyMap<number, PeriodDelta>>

type DeltaKind = PeriodKind | 'both'

/** What is changed of a period in one kind. */
interface Changed {
  readonly poll: string
  readonly start: number
  readonly kind: DeltaKind
  readonly part: PeriodPart
}

/** Collects, beside a fold, what the events since the last question changed in every period. */
export class PeriodChanges implements TallyListener {
  #polls = new Map<string, Map<number, PeriodDelta>>()
  readonly #finder = new PeriodFinder()
  readonly #added = new SharesToCount()
  /** What was changed last: most events that follow each other belong to the same. */
  #last: Changed | undefined

  readonly add = (tally: Tally): void => {
    const { occurredAt, submittedAt } = tally
    const changed = this.#finder.periodOf(occurredAt)
    const cast = submittedAt === occurredAt ? changed : this.#finder.periodOf(submittedAt)
    if (cast === changed) this.#count(tally, cast, 'both')
    else {
      this.#count(tally, cast, 'cast')
      this.#count(tally, changed, 'change')
    }
  }

  /** Submissions that follow each other in one period are counted together. */
  readonly addRun = (run: RunTally): void => {
    const { length, occurredAt, span } = run
    const last = this.#finder.periodOf(span.latest)
    if (this.#finder.periodOf(span.earliest) === last) {
      this.#countRun(run, last, 0, length)
      return
    }
    for (let from = 0, to = 0; from < length; from = to) {
      const start = this.#finder.periodOf(occurredAt(from))
      do to++
      while (to < length && this.#finder.periodOf(occurredAt(to)) === start)
      this.#countRun(run, start, from, to)
    }
  }

  /** What has been collected; the next answer begins anew. */
  take(): DeltasOfPolls {
    this.#added.count()
    const taken = this.#polls
    this.#polls = new Map()
    this.#last = undefined
    return taken
  }

  #count(tally: Tally, start: number, kind: DeltaKind): void {
    const { position, taken, added, excluded, withdrawn } = tally
    const { definition } = tally.poll
    const part = this.#partOf(definition, start, kind)
    part.position = position
    part.counted += Number(added !== undefined) - Number(taken !== undefined)
    part.excluded += excluded
    part.withdrawn += withdrawn
    if (added) this.#added.add(part.categories, definition, added)
    if (taken) takeBack(part, definition, taken)
  }

  #countRun({ poll, shares, positionAt }: RunTally, start: number, from: number, to: number): void {
    const part = this.#partOf(poll.definition, start, 'both')
    part.position = positionAt(to - 1)
    part.counted += to - from
    this.#added.addColumns(part.categories, shares, from, to)
  }

  #partOf({ poll, categories }: PollDefinition, start: number, kind: DeltaKind): PeriodPart {
    const last = this.#last
    if (last?.start === start && last.kind === kind && last.poll === poll) return last.part
    const periods = this.#polls.get(poll) ?? new Map<number, PeriodDelta>()
    if (periods.size === 0) this.#polls.set(poll, periods)
    const delta = periods.get(start) ?? { start }
    if (!periods.has(start)) periods.set(start, delta)
    const part = delta[kind] ?? emptyPart(categories.length)
    delta[kind] = part
    this.#last = { poll, start, kind, part }
    return part
  }
}

function takeBack(part: PeriodPart, { categories }: PollDefinition, taken: Allocation): void {
  for (const [index, { id }] of categories.entries()) count(part.categories[index]!, taken[id]!, -1)
}
