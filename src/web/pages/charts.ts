/** Geometry of the bar charts: numbers in, coordinates out. The drawing itself is in `views/partials`. */
import type { Locale } from '../locale.ts'

/** What stands beside a bar, and looks the same in the legend and before its number. */
export type Mark = 'bar' | 'second' | 'diamond' | 'line' | 'dotted'

/** A number written below a bar, after the mark that stands for it. */
interface Label {
  readonly mark: Mark
  readonly text: string
}

/** One thing to draw in a row of a bar chart, basis points. */
export interface BarInput {
  /** Category. */
  readonly id?: string
  readonly label: string
  readonly colour: string
  /** What is written at the end of the row. */
  readonly text: string
  readonly value: number
  /** A second, slimmer bar below. */
  readonly second?: number | undefined
  readonly line?: number | undefined
  /** Another line, dotted. */
  readonly dotted?: number | undefined
  readonly diamond?: number | undefined
  /** Everything but the bar itself in numbers: at most three fit on a phone. */
  readonly labels?: readonly Label[]
  /** Which of these move, by the names of the values in live messages: see `public/live-numbers.js`. */
  readonly live?: Readonly<Partial<Record<Mark, string>>>
}

/** A horizontal bar, its place told in percent of the chart's width: it fits any screen without shrinking its text. */
interface Bar extends Omit<BarInput, 'value' | 'second' | 'line' | 'dotted' | 'diamond' | 'labels'> {
  readonly y: number
  readonly width: string
  readonly second: string | undefined
  readonly line: string | undefined
  readonly dotted: string | undefined
  readonly diamond: string | undefined
  /** In pixels from the row's beginning. */
  readonly labels: readonly (Label & { readonly x: number })[]
}

export interface Tick {
  readonly x: string
  readonly label: string
  readonly anchor: string
}

export interface BarChart {
  readonly height: number
  /** What the whole width stands for, basis points. */
  readonly scale: number
  readonly bars: readonly Bar[]
  readonly ticks: readonly Tick[]
}

const ROW = 50
const SECOND = 8
const LABELS = 32
const LABEL_WIDTH = 92
export const AXIS = 26

/** Bars on one common scale, which ends at the next ten percent above the largest value. */
export function barChart(rows: readonly BarInput[], locale: Pick<Locale, 'format'>): BarChart {
  const values = rows.flatMap(({ value, second, line, dotted, diamond }) => [
    ...[value, second ?? 0, line ?? 0, dotted ?? 0, diamond ?? 0],
  ])
  const { end: scale, x, ticks } = scaleFor(values, locale)
  const maybe = (value: number | undefined) => (value === undefined ? undefined : x(value))
  const rowHeight =
    ROW +
    (rows.some(({ second }) => second !== undefined) ? SECOND : 0) +
    (rows.some(({ labels }) => labels?.length) ? LABELS : 0)
  return {
    height: rows.length * rowHeight + AXIS,
    scale,
    bars: rows.map(({ value, second, line, dotted, diamond, labels = [], ...row }, index) => ({
      ...row,
      ...{ y: index * rowHeight, width: x(value) },
      ...{ second: maybe(second), line: maybe(line), dotted: maybe(dotted), diamond: maybe(diamond) },
      labels: labels.map((label, place) => ({ ...label, x: place * LABEL_WIDTH })),
    })),
    ticks,
  }
}

/** A scale from 0 to the next ten percent above the largest value. */
export function scaleFor(values: readonly number[], { format }: Pick<Locale, 'format'>) {
  const end = Math.max(1000, Math.ceil(Math.max(0, ...values) / 1000) * 1000)
  const x = (value: number): string => `${((value / end) * 100).toFixed(2)}%`
  const ticks = ticksUpTo(end).map(
    (tick): Tick => ({
      x: x(tick),
      label: format.percent(tick),
      anchor: tick === 0 ? 'start' : tick === end ? 'end' : 'middle',
    }),
  )
  return { end, x, ticks }
}

/** At most five steps, so that labels never touch on a phone. */
function ticksUpTo(end: number): number[] {
  const step = [1000, 2000, 2500, 5000].find((size) => end % size === 0 && end / size <= 5) ?? end
  return Array.from({ length: end / step + 1 }, (_, index) => index * step)
}
