import type { PeriodKind } from '../period-aggregate.ts'
import { applyDelta, emptyPart, mergePart, type Period, UNTOUCHED } from './period.ts'
import type { DeltasOfPolls } from './period-changes.ts'
import { type PackedPart, packPart, type StoredKind, unpackPart } from './period-row.ts'

/** What a period holds of each kind that anything has changed. */
export type PackedPeriod = { [kind in PeriodKind]?: PackedPart }

const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

/** Every period of every poll in memory, as small as it gets: some hundred bytes each. */
export class PackedPeriods {
  readonly polls = new Map<string, Map<number, PackedPeriod>>()

  /** Merges what some events have changed, as far as it is of that time. */
  add(deltas: DeltasOfPolls, { from, to } = EVER): void {
    for (const [poll, periods] of deltas)
      for (const delta of periods.values()) {
        if (delta.start < from || delta.start >= to) continue
        const known = this.#of(poll).get(delta.start)
        this.#of(poll).set(delta.start, pack(applyDelta(known && unpack(delta.start, known), delta)))
      }
  }

  /** Takes in a part as it is stored. Two for the same kind are both counted, as readers would count them. */
  put(poll: string, start: number, kind: StoredKind, part: PackedPart): void {
    const period = this.#of(poll).get(start) ?? {}
    if (kind !== 'change') period.cast = period.cast ? merged(period.cast, part) : part
    if (kind !== 'cast') period.change = period.change ? merged(period.change, part) : part
    this.#of(poll).set(start, period)
  }

  #of(poll: string): Map<number, PackedPeriod> {
    const periods = this.polls.get(poll) ?? new Map<number, PackedPeriod>()
    if (periods.size === 0) this.polls.set(poll, periods)
    return periods
  }
}

function merged(one: PackedPart, other: PackedPart): PackedPart {
  const sum = unpackPart(one)
  mergePart(sum, unpackPart(other))
  return packPart(sum)
}

function pack({ cast, change }: Period): PackedPeriod {
  const packed = packPart(cast)
  if (cast === change) return { cast: packed, change: packed }
  return {
    ...(cast.position > UNTOUCHED && { cast: packed }),
    ...(change.position > UNTOUCHED && { change: packPart(change) }),
  }
}

function unpack(start: number, { cast, change }: PackedPeriod): Period {
  const castPart = cast && unpackPart(cast)
  if (castPart && cast === change) return { start, cast: castPart, change: castPart }
  const changePart = change && unpackPart(change)
  const empty = () => emptyPart((castPart ?? changePart)!.categories.length)
  return { start, cast: castPart ?? empty(), change: changePart ?? empty() }
}
