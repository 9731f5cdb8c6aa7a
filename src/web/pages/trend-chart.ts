/** Geometry of a line through time: numbers in, coordinates of `views/partials/trend.ejs` out. */
import { WHOLE } from '../../events/poll-events.ts'

const LEFT = 44
const RIGHT = 296
const TOP = 10
const BOTTOM = 104

/** A line has no more than four points for each of so many columns: nobody sees the others. */
const COLUMNS = 252

/** Values in time order: `at` from 0 (the start of the range) to 1 (its end); null where there is nothing to show. */
export interface TrendPoint {
  readonly at: number
  readonly value: number | null
}

/** What the vertical axis shows. */
export interface Scale {
  readonly low: number
  readonly high: number
}

export interface TrendChart {
  /** An SVG path: a line, broken where nothing is known. */
  readonly line: string
  /** From the last point but one to the last, if that is not final; else empty. */
  readonly unfinished: string
  readonly ticks: readonly { readonly y: number; readonly value: number }[]
}

/** Spans that divide into two steps whose labels are short, basis points. */
const SPANS = [100, 200, 400, 600, 800, 1000, 1600, 2000, 3000, 4000, 6000, 8000, WHOLE]

/**
 * Scales that all show equally many percentage points, so that slopes may be compared, each where its values lie.
 * @param series each one's values, basis points
 */
export function sharedScales(series: readonly (readonly (number | null)[])[]): Scale[] {
  const extents = series.map(extentOf)
  const fits = (span: number) =>
    extents.every((extent) => {
      const from = lowOf(extent, span)
      return from <= extent.low && extent.high <= from + span
    })
  const span = SPANS.find(fits) ?? WHOLE
  return extents.map((extent) => {
    const low = lowOf(extent, span)
    return { low, high: low + span }
  })
}

/** The scale's lower end: round, with the values about the middle, and neither below nothing nor above the whole. */
function lowOf({ low, high }: Scale, span: number): number {
  const step = span / 4
  const centred = Math.round(((low + high) / 2 - span / 2) / step) * step
  return Math.max(0, Math.min(centred, WHOLE - span))
}

/** From nothing to a round number at or above all values. */
export function scaleFromZero(values: readonly (number | null)[]): Scale {
  const { high } = extentOf(values)
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, high)))
  const factor = [1, 2, 4, 6, 8, 10].find((each) => each * magnitude >= high) ?? 10
  return { low: 0, high: Math.max(2, factor * magnitude) }
}

function extentOf(values: readonly (number | null)[]): Scale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value === null) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? { low: 0, high: 0 } : { low, high }
}

/** @param isUnfinished the last value may still change */
export function trendChart(
  points: readonly TrendPoint[],
  { low, high }: Scale,
  isUnfinished: boolean,
): TrendChart {
  const place = ({ at, value }: TrendPoint): string | null =>
    value === null
      ? null
      : `${round(LEFT + at * (RIGHT - LEFT))} ${round(BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP))}`
  const places = thinned(points).map(place)
  const last = isUnfinished && places.length > 1 && places.at(-1) !== null ? places.slice(-2) : []
  return {
    line: pathOf(last.length > 0 ? places.slice(0, -1) : places),
    unfinished: pathOf(last),
    ticks: [low, (low + high) / 2, high].map((value) => ({
      value,
      y: round(BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP)),
    })),
  }
}

const round = (coordinate: number): number => Math.round(coordinate * 10) / 10

/** A point that stands alone becomes a dot: a line of no length with round ends. */
function pathOf(places: readonly (string | null)[]): string {
  let path = ''
  for (const [index, place] of places.entries()) {
    if (place === null) continue
    const isFirst = index === 0 || places[index - 1] === null
    const isLast = index === places.length - 1 || places[index + 1] === null
    path += `${isFirst ? 'M' : 'L'}${place}${isFirst && isLast ? 'h.01' : ''}`
  }
  return path
}

/** Of each column's points the first, the lowest, the highest and the last, in the order of time: it looks the same. */
function thinned(points: readonly TrendPoint[]): readonly TrendPoint[] {
  if (points.length <= 4 * COLUMNS) return points
  const columns = Map.groupBy(points, ({ at }) => Math.floor(at * COLUMNS))
  return [...columns.values()].flatMap((column) => {
    const known = column.filter(({ value }) => value !== null)
    const byValue = known.toSorted((a, b) => a.value! - b.value!)
    const kept = new Set([column[0], byValue[0], byValue.at(-1), column.at(-1)])
    return column.filter((point) => kept.has(point))
  })
}
