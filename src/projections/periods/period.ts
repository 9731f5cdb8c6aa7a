import type { Position } from '../../events/event-log.ts'
import {
  copyCategory,
  emptyCategory,
  type MutableCategoryAggregate,
  mergeCategory,
} from '../category-aggregate.ts'
import { PERIOD_MS, type PeriodAggregate, type PeriodKind } from '../period-aggregate.ts'

/** The start of the quarter of an hour that `time` (milliseconds since 1970) is in. */
export const periodOf = (time: number): number => Math.floor(time / PERIOD_MS) * PERIOD_MS

/** What a period holds of one kind. */
export interface PeriodPart extends Omit<PeriodAggregate, 'start'> {
  position: Position
  counted: number
  excluded: number
  withdrawn: number
  readonly categories: readonly MutableCategoryAggregate[]
}

/** A part that nothing has changed has this position. */
export const UNTOUCHED: Position = 0n

export const emptyPart = (categories: number): PeriodPart => ({
  position: UNTOUCHED,
  counted: 0,
  excluded: 0,
  withdrawn: 0,
  categories: Array.from({ length: categories }, emptyCategory),
})

/** Adds `other` to `part`, in place. */
export function mergePart(part: PeriodPart, other: PeriodPart): void {
  if (other.position > part.position) part.position = other.position
  part.counted += other.counted
  part.excluded += other.excluded
  part.withdrawn += other.withdrawn
  for (const [index, category] of other.categories.entries()) mergeCategory(part.categories[index]!, category)
}

/**
 * What is kept of one quarter of an hour. `cast` and `change` are one object until an event changes a submission that
 * was cast in another quarter: most periods never see one.
 */
export type Period = { readonly start: number } & Record<PeriodKind, PeriodPart>

/** What some events change in one quarter of an hour: in both kinds alike, or in one of them. */
export type PeriodDelta = { readonly start: number } & { [kind in PeriodKind | 'both']?: PeriodPart }

/** Adds `delta` to `period`, in place; without a period the delta becomes one. The delta belongs to it afterwards. */
export function applyDelta(period: Period | undefined, delta: PeriodDelta): Period {
  const { start, both, cast, change } = delta
  const changed = period ?? newPeriod(start, both ?? emptyPart((cast ?? change)!.categories.length))
  if (both && both !== changed.cast) {
    mergePart(changed.cast, both)
    if (changed.change !== changed.cast) mergePart(changed.change, both)
  }
  if ((cast || change) && changed.cast === changed.change) changed.change = copyPart(changed.cast)
  if (cast) mergePart(changed.cast, cast)
  if (change) mergePart(changed.change, change)
  return changed
}

const newPeriod = (start: number, part: PeriodPart): Period => ({ start, cast: part, change: part })

const copyPart = (part: PeriodPart): PeriodPart => ({
  ...part,
  categories: part.categories.map(copyCategory),
})
