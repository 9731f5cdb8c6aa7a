import type { ExclusionEffect, ExclusionNumbers } from '../../../commands/exclusions.ts'
import { ExclusionReason } from '../../../events/submission-events.ts'
import { reasons } from '../words.ts'
import type { Entered, ExclusionAct, ExclusionAsked } from './exclusion-form.ts'
import { filterWords } from './filter-words.ts'

interface CategoryRow {
  readonly label: string
  readonly before: ExclusionNumbers['categories'][number]
  readonly after: ExclusionNumbers['categories'][number] | undefined
  /** Basis points by which the mean moves. */
  readonly change: number | null
}

/** The published numbers without and with an act. */
export interface EffectView {
  readonly found: number
  readonly changed: number
  readonly already: number
  readonly withdrawn: number
  /** Whether everything that counts is set aside. */
  readonly leavesNothing: boolean
  readonly examples: readonly string[]
  readonly counted: readonly [before: number, after: number]
  readonly excluded: readonly [before: number, after: number]
  readonly rows: readonly CategoryRow[]
}

export interface PreviewView {
  readonly act: ExclusionAct
  readonly poll: string
  readonly filter: readonly string[]
  /** Sent again with the confirmation. */
  readonly entered: Entered
  readonly effect: EffectView
  readonly seen: string
  readonly reasons: readonly { readonly value: ExclusionReason; readonly label: string }[]
  readonly errors: readonly string[]
}

export function effectView({
  found,
  changed,
  already = 0,
  withdrawn = 0,
  examples,
  before,
  after,
}: ExclusionEffect): EffectView {
  const afterById = new Map(after.categories.map((category) => [category.id, category]))
  return {
    found,
    changed,
    already,
    withdrawn,
    leavesNothing: before.counted > 0 && after.counted === 0,
    examples,
    counted: [before.counted, after.counted],
    excluded: [before.excluded, after.excluded],
    rows: before.categories.map((category) => {
      const then = afterById.get(category.id)
      const [from, to] = [category.mean, then?.mean ?? null]
      return {
        ...{ label: category.label, before: category, after: then },
        change: from === null || to === null ? null : to - from,
      }
    }),
  }
}

/** What an operator agrees to: votes that come in meanwhile do not matter to it. */
export const seenEffect = ({ found, changed }: ExclusionEffect): string =>
  `${found} found, ${changed} would change`

export const previewView = (
  { act, filter }: ExclusionAsked,
  effect: ExclusionEffect,
  entered: Entered,
): PreviewView => ({
  act,
  poll: filter.poll,
  filter: filterWords(filter),
  // With the end of the time range as it was taken here.
  entered: filter.to === undefined ? entered : { ...entered, to: filter.to },
  effect: effectView(effect),
  seen: seenEffect(effect),
  reasons: ExclusionReason.options.map((value) => ({ value, label: reasons[value] })),
  errors: [],
})
