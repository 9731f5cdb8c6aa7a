/** Geometry of the chart of what a bloc would do. The drawing itself is in `views/partials/bloc-chart.ejs`. */
import type { Locale } from '../locale.ts'
import { AXIS, scaleFor, type Tick } from './charts.ts'

/** A number now, and what it would be, basis points. */
export interface Move {
  readonly now: number
  readonly after: number
}

interface BlocRow {
  /** Category. */
  readonly id: string
  readonly label: string
  readonly mean: Move
  readonly truthful: Move
}

interface DrawnMove {
  readonly from: string
  readonly to: string
}

export interface BlocChart {
  readonly height: number
  readonly ticks: readonly Tick[]
  readonly rows: readonly (BlocRow & {
    readonly y: number
    readonly drawn: { readonly mean: DrawnMove; readonly truthful: DrawnMove }
  })[]
}

const ROW = 80

/** Two moves a row, one below the other, on one common scale. */
export function blocChart(rows: readonly BlocRow[], locale: Pick<Locale, 'format'>): BlocChart {
  const { x, ticks } = scaleFor(
    rows.flatMap(({ mean, truthful }) => [mean.now, mean.after, truthful.now, truthful.after]),
    locale,
  )
  const draw = ({ now, after }: Move): DrawnMove => ({ from: x(now), to: x(after) })
  return {
    height: rows.length * ROW + AXIS,
    ticks,
    rows: rows.map((row, index) => ({
      ...row,
      y: index * ROW,
      drawn: { mean: draw(row.mean), truthful: draw(row.truthful) },
    })),
  }
}
