/**
 * What a stretch of the log does to one poll, worked out without knowing the poll before it: stretches can be folded
 * side by side, and one that is stored can be added to a state that its events have never met.
 */
import type { Position } from '../events/event-log.ts'
import { START } from '../events/event-log.ts'
import type { PollDefinition } from '../events/poll-events.ts'
import {
  type CategoryAggregate,
  emptyCategory,
  type MutableCategoryAggregate,
  mergeCategory,
} from './category-aggregate.ts'
import type { MutablePollAggregate, PollAggregate } from './poll-aggregate.ts'

/** The change of a poll's aggregate. Counts may be negative: what is taken back may have been counted before. */
export interface PollEffect {
  /** Of the last of the poll's events in the stretch; `START` if none means anything to the fold. */
  readonly position: Position
  /** The latest `occurredAt` among those that were applied; empty if none was. */
  readonly asOf: string
  /** Undefined: as it was before. */
  readonly status: PollAggregate['status'] | undefined
  readonly parked: number
  /** Where these stand. */
  readonly parkedAt: readonly Position[]
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  /** In the order of the poll's categories. */
  readonly categories: readonly CategoryAggregate[]
  /** What must have been there before: with less, some event would have been parked that is counted here. */
  readonly needs: {
    readonly excluded: number
    /** For each category: value → so many submissions that give it. */
    readonly values: readonly ReadonlyMap<number, number>[]
    /** Whether an operator's act is in it: what that does depends on what is parked already. */
    readonly parked: boolean
  }
}

/**
 * Adds a stretch to the poll as it stood before it, in place.
 * @returns false, and nothing is changed, if the stretch must be folded event by event: some would be parked
 */
export function applyEffect(poll: MutablePollAggregate, effect: PollEffect): boolean {
  if (!fits(poll, effect)) return false
  if (effect.position > poll.position) poll.position = effect.position
  if (effect.asOf > poll.asOf) poll.asOf = effect.asOf
  poll.status = effect.status ?? poll.status
  for (const name of ['parked', 'counted', 'excluded', 'withdrawn'] as const) poll[name] += effect[name]
  for (const position of effect.parkedAt) poll.parkedAt.add(position)
  for (const [index, category] of poll.categories.entries())
    mergeCategory(category, effect.categories[index]!)
  return true
}

/** Whether every event of the stretch that takes something back would find it. */
export function fits(poll: PollAggregate, { needs }: PollEffect): boolean {
  if (needs.parked || poll.excluded < needs.excluded) return false
  return needs.values.every((values, index) => {
    const { histogram } = poll.categories[index]!
    for (const [value, needed] of values) if ((histogram.get(value) ?? 0) < needed) return false
    return true
  })
}

/** No poll ever has so many: the fold finds something to take back, always. */
const CREDIT = 2 ** 40

/**
 * A poll to be folded on credit: whatever an event takes back is taken for counted before, and it is noted how much
 * must have been. The fold itself is the same as ever.
 */
export class PollOnCredit implements MutablePollAggregate {
  readonly definition: PollDefinition
  readonly openedAt: Position
  status!: MutablePollAggregate['status']
  position = START
  asOf = ''
  parked = 0
  readonly parkedAt = new ParkedOnCredit()
  counted = 0
  withdrawn = 0
  readonly categories: readonly (MutableCategoryAggregate & { readonly histogram: HistogramOnCredit })[]
  #excluded = 0
  #leastExcluded = 0

  constructor({ definition, openedAt }: Pick<PollAggregate, 'definition' | 'openedAt'>) {
    this.definition = definition
    this.openedAt = openedAt
    this.categories = definition.categories.map(() => ({
      ...emptyCategory(),
      histogram: new HistogramOnCredit(),
    }))
  }

  get excluded(): number {
    return CREDIT + this.#excluded
  }

  set excluded(excluded: number) {
    this.#excluded = excluded - CREDIT
    this.#leastExcluded = Math.min(this.#leastExcluded, this.#excluded)
  }

  /** What has been folded so far. It belongs to the poll: it changes with it. */
  get effect(): PollEffect {
    const { position, asOf, parked, parkedAt, counted, withdrawn, categories } = this
    return {
      parkedAt: [...parkedAt],
      ...{ position, asOf, parked, counted, withdrawn, categories },
      status: this.status as PollEffect['status'],
      excluded: this.#excluded,
      needs: {
        excluded: -this.#leastExcluded || 0,
        values: categories.map(({ histogram }) => histogram.needs),
        parked: parkedAt.isAsked,
      },
    }
  }
}

/** Has every value; notes how often one must have been there for that to be true. */
class HistogramOnCredit extends Map<number, number> {
  readonly needs = new Map<number, number>()

  override has(value: number): boolean {
    const needed = 1 - (this.get(value) ?? 0)
    if (needed > (this.needs.get(value) ?? 0)) this.needs.set(value, needed)
    return true
  }
}

/** Nobody knows what was parked before. */
class ParkedOnCredit extends Set<Position> {
  /** Whether somebody had to know. */
  isAsked = false

  override has(_position: Position): boolean {
    this.isAsked = true
    return false
  }
}
