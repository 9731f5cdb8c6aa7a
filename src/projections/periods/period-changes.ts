import { tally as count } from '../category-aggregate.ts'
import type { Tally } from '../fold.ts'
import type { PeriodKind } from '../period-aggregate.ts'
import { emptyPart, type PeriodDelta, type PeriodPart, periodOf } from './period.ts'

/** Poll → start of the period → what was changed. */
export type DeltasOfPolls = ReadonlyMap<string, ReadonlyMap<number, PeriodDelta>>

/** Collects, beside a fold, what the events since the last question changed in every period. */
export class PeriodChanges {
  #polls = new Map<string, Map<number, PeriodDelta>>()

  /** For `Fold.onTally`. */
  readonly add = (tally: Tally): void => {
    const changed = periodOf(Date.parse(tally.occurredAt))
    const cast = tally.submittedAt === tally.occurredAt ? changed : periodOf(Date.parse(tally.submittedAt))
    if (cast === changed) this.#count(tally, cast, 'both')
    else {
      this.#count(tally, cast, 'cast')
      this.#count(tally, changed, 'change')
    }
  }

  /** What has been collected; the next answer begins anew. */
  take(): DeltasOfPolls {
    const taken = this.#polls
    this.#polls = new Map()
    return taken
  }

  #count(tally: Tally, start: number, kind: PeriodKind | 'both'): void {
    const { definition } = tally.poll
    const periods = this.#polls.get(definition.poll) ?? new Map<number, PeriodDelta>()
    if (periods.size === 0) this.#polls.set(definition.poll, periods)
    const delta = periods.get(start) ?? { start }
    const part = delta[kind] ?? emptyPart(definition.categories.length)
    if (delta[kind] !== part) {
      delta[kind] = part
      periods.set(start, delta)
    }
    countInto(part, tally)
  }
}

function countInto(part: PeriodPart, { poll, position, taken, added, excluded, withdrawn }: Tally): void {
  part.position = position
  part.counted += Number(added !== undefined) - Number(taken !== undefined)
  part.excluded += excluded
  part.withdrawn += withdrawn
  const { categories } = poll.definition
  for (let index = 0; index < categories.length; index++) {
    const { id } = categories[index]!
    const category = part.categories[index]!
    if (taken) count(category, taken[id]!, -1)
    if (added) count(category, added[id]!, 1)
  }
}
