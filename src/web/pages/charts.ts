/** Geometry of the charts: numbers in, coordinates out. The drawing itself is in `views/partials`. */
import { WHOLE } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'

/** One thing to draw in a row of a bar chart, basis points. */
export interface BarInput {
  readonly label: string
  readonly colour: string
  /** What is written at the end of the row. */
  readonly text: string
  readonly value: number
  /** A second, slimmer bar below. */
  readonly second?: number | undefined
  readonly line?: number | undefined
  readonly diamond?: number | undefined
  /** Which of these move, by the names of the values in live messages: see `public/live-numbers.js`. */
  readonly live?: Readonly<Partial<Record<'value' | 'second' | 'diamond', string>>>
}

/** A horizontal bar, its place told in percent of the chart's width: it fits any screen without shrinking its text. */
interface Bar extends Omit<BarInput, 'value' | 'second' | 'line' | 'diamond'> {
  readonly y: number
  readonly width: string
  readonly second?: string | undefined
  readonly line?: string | undefined
  readonly diamond?: string | undefined
}

export interface BarChart {
  readonly height: number
  /** What the whole width stands for, basis points. */
  readonly scale: number
  readonly bars: readonly Bar[]
  readonly ticks: readonly { readonly x: string; readonly label: string; readonly anchor: string }[]
}

const ROW = 50
const ROW_WITH_SECOND = 58
const AXIS = 26

/** Bars on one common scale, which ends at the next ten percent above the largest value. */
export function barChart(rows: readonly BarInput[], { format }: Pick<Locale, 'format'>): BarChart {
  const largest = Math.max(
    0,
    ...rows.flatMap((row) => [row.value, row.second ?? 0, row.line ?? 0, row.diamond ?? 0]),
  )
  const end = Math.max(1000, Math.ceil(largest / 1000) * 1000)
  const x = (value: number): string => `${((value / end) * 100).toFixed(2)}%`
  const maybe = (value: number | undefined) => (value === undefined ? undefined : x(value))
  const rowHeight = rows.some((row) => row.second !== undefined) ? ROW_WITH_SECOND : ROW
  return {
    height: rows.length * rowHeight + AXIS,
    scale: end,
    bars: rows.map(({ value, second, line, diamond, ...row }, index) => ({
      ...row,
      y: index * rowHeight,
      width: x(value),
      second: maybe(second),
      line: maybe(line),
      diamond: maybe(diamond),
    })),
    ticks: ticksUpTo(end).map((tick) => ({
      x: x(tick),
      label: format.percent(tick),
      anchor: tick === 0 ? 'start' : tick === end ? 'end' : 'middle',
    })),
  }
}

/** At most five steps, so that labels never touch on a phone. */
function ticksUpTo(end: number): number[] {
  const step = [1000, 2000, 2500, 5000].find((size) => end % size === 0 && end / size <= 5) ?? end
  return Array.from({ length: end / step + 1 }, (_, index) => index * step)
}

/** How many submissions give how much: nothing at all, then slices of five percent. */
interface HistogramBin {
  readonly label: string
  readonly count: number
}

const SLICE = 500

/** Submissions in each bin of a histogram: the first holds exactly 0, the others (0, 5], (5, 10] … (95, 100] percent. */
export function binCounts(histogram: ReadonlyMap<number, number>): number[] {
  const counts = new Array<number>(WHOLE / SLICE + 1).fill(0)
  for (const [value, times] of histogram) counts[Math.ceil(value / SLICE)]! += times
  return counts
}

/** Bins of a category's histogram, as they are told. */
function histogramBins(
  histogram: ReadonlyMap<number, number>,
  { words, format }: Pick<Locale, 'words' | 'format'>,
): HistogramBin[] {
  return binCounts(histogram).map((count, index) => ({
    label: index === 0 ? format.percent(0) : words.results.slice((index - 1) * SLICE, index * SLICE),
    count,
  }))
}

const BIN_WIDTH = 12
const HISTOGRAM_HEIGHT = 64

/** What is drawn below a histogram's columns. */
type Quartiles = Readonly<Record<'p10' | 'p25' | 'median' | 'p75' | 'p90', number | null>>

export interface HistogramChart {
  /** What a script needs to draw it anew. */
  readonly geometry: { readonly high: number; readonly column: number; readonly slice: number }
  readonly bins: readonly (HistogramBin & { readonly x: number; readonly height: number })[]
  readonly whisker: readonly [from: number, to: number]
  readonly box: { readonly x: number; readonly width: number }
  readonly median: number
  readonly ticks: readonly { readonly x: number; readonly label: string; readonly anchor: string }[]
}

/** Columns of a histogram, and where its quartiles lie; whatever is not empty can be seen. */
export function histogramChart(
  histogram: ReadonlyMap<number, number>,
  quartiles: Quartiles,
  locale: Pick<Locale, 'words' | 'format'>,
): HistogramChart {
  const bins = histogramBins(histogram, locale)
  const highest = Math.max(1, ...bins.map((bin) => bin.count))
  const [p10, p25, median, p75, p90] = (['p10', 'p25', 'median', 'p75', 'p90'] as const).map((name) =>
    histogramX(quartiles[name] ?? 0),
  ) as [number, number, number, number, number]
  return {
    geometry: { high: HISTOGRAM_HEIGHT, column: BIN_WIDTH, slice: SLICE },
    bins: bins.map((bin, index) => ({
      ...bin,
      x: index * BIN_WIDTH,
      height: bin.count === 0 ? 0 : Math.max(1.5, (bin.count / highest) * HISTOGRAM_HEIGHT),
    })),
    whisker: [p10, p90],
    box: { x: p25, width: Math.max(1, p75 - p25) },
    median,
    ticks: [0, 2500, 5000, 7500, WHOLE].map((value) => ({
      x: histogramX(value),
      label: value === WHOLE ? locale.format.percent(value) : locale.format.entry(value),
      anchor: value === WHOLE ? 'end' : 'middle',
    })),
  }
}

/** Horizontal place of a value: the first column is for 0 alone. */
const histogramX = (value: number): number =>
  value === 0 ? BIN_WIDTH / 2 : BIN_WIDTH + (value / SLICE) * BIN_WIDTH
