/** Geometry of a category's histogram. The drawing itself is in `views/partials/histogram.ejs`. */
import { WHOLE } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'

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
  /** Where the actual budget lies, and on which side of its line there is room for a word. */
  readonly now: { readonly x: number; readonly anchor: 'start' | 'end' } | undefined
  readonly ticks: readonly { readonly x: number; readonly label: string; readonly anchor: string }[]
}

/**
 * Columns of a histogram, and where its quartiles lie; whatever is not empty can be seen.
 * @param now share of the actual budget, basis points
 */
export function histogramChart(
  histogram: ReadonlyMap<number, number>,
  quartiles: Quartiles,
  locale: Pick<Locale, 'words' | 'format'>,
  now?: number,
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
    now: now === undefined ? undefined : { x: histogramX(now), anchor: now > WHOLE / 2 ? 'end' : 'start' },
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
