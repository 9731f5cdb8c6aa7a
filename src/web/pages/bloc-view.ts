import { type BlocEffect, type BlocSize, blocSizes } from '../../queries/bloc.ts'
import type { Locale } from '../locale.ts'
import { type BlocChart, blocChart, type Move } from './bloc-chart.ts'
import type { MomentView } from './moment-form.ts'
import type { CategoryView } from './results-page-view.ts'

interface BlocRow {
  readonly id: string
  readonly label: string
  readonly mean: Move
  readonly truthful: Move
  readonly median: Move
}

/** What a bloc would do to each number. */
export interface BlocView {
  readonly size: BlocSize
  readonly sizes: readonly BlocSize[]
  /** Where the form for another size leads, and what it keeps of the address. */
  readonly path: string
  readonly kept: readonly { readonly name: string; readonly value: string }[]
  readonly rows: readonly BlocRow[]
  readonly chart: BlocChart
}

interface BlocInput {
  readonly size: BlocSize
  /** In the order of the categories. */
  readonly effects: readonly BlocEffect[]
  readonly categories: readonly CategoryView[]
  readonly moment: MomentView
  readonly locale: Locale
}

/** Sets what a bloc would make of each number beside what it is. */
export function blocView({ size, effects, categories, moment, locale }: BlocInput): BlocView {
  const rows = categories.map(({ id, label, statistics, mean, truthful }, index): BlocRow => {
    const effect = effects[index]!
    return {
      ...{ id, label },
      mean: { now: mean, after: effect.mean },
      truthful: { now: truthful, after: effect.truthful },
      median: { now: statistics.median!, after: effect.median },
    }
  })
  return {
    ...{ size, sizes: blocSizes, path: moment.path, rows, chart: blocChart(rows, locale) },
    kept: moment.past?.kept ?? [],
  }
}
