import { scaleFromZero, type TrendChart, type TrendPoint, trendChart } from '../../pages/trend-chart.ts'
import { figure, hourAndMinute, projectionName, timeOfDay } from '../words.ts'
import { eventsBetween } from './live-state.ts'
import type { Sample } from './samples.ts'

/** A line through the last half hour. */
interface LiveChart {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly chart: TrendChart
}

/** One minute in the table beside the charts. */
interface MinuteRow {
  readonly at: string
  /** One for each chart. */
  readonly values: readonly (number | null)[]
}

export interface ChartsView {
  readonly charts: readonly LiveChart[]
  /** For how long the process has been looking. */
  readonly heading: string
  readonly from: string
  readonly to: string
  readonly rows: readonly MinuteRow[]
}

interface Series {
  readonly id: string
  readonly title: string
  /** Beside each sample. */
  readonly values: readonly (number | null)[]
}

/** A line of a few points says nothing: until there are more, the axis is this long. */
const SHORTEST_MS = 60_000
const MINUTE = 60_000
/** From here on the last half hour is all there, but for a sample or two. */
const WHOLE_MS = 29 * MINUTE

/** Lines of lag and throughput. @param samples oldest first */
export function chartsView(samples: readonly Sample[], positionsPerEvent: bigint): ChartsView | undefined {
  const last = samples.at(-1)
  if (samples.length < 2 || !last) return undefined
  const from = Math.min(samples[0]!.at, last.at - SHORTEST_MS)
  const names = [...last.live.keys()]
  const series: Series[] = [
    {
      id: 'appended',
      title: 'Events appended a second',
      values: perSecond(samples, ({ head }) => head, positionsPerEvent),
    },
    ...names.map((name) => ({
      id: `projected-${name}`,
      title: `${projectionName(name)}: events applied a second`,
      values: perSecond(samples, ({ live }) => live.get(name), positionsPerEvent),
    })),
    ...names.map((name) => ({
      id: `lag-${name}`,
      title: `${projectionName(name)}: events behind`,
      values: samples.map(({ head, live }) => {
        const position = live.get(name)
        return head === undefined || position === undefined
          ? null
          : eventsBetween(position, head, positionsPerEvent)
      }),
    })),
  ]
  const at = (sample: Sample) => (sample.at - from) / (last.at - from)
  return {
    charts: series.map(({ id, title, values }) => {
      const points: TrendPoint[] = samples.map((sample, i) => ({ at: at(sample), value: values[i]! }))
      return {
        ...{ id, title, description: describe(values) },
        chart: trendChart(points, scaleFromZero(values), false),
      }
    }),
    heading:
      last.at - samples[0]!.at < WHOLE_MS
        ? `Since ${timeOfDay(new Date(samples[0]!.at))}`
        : 'The last half hour',
    from: hourAndMinute(new Date(from)),
    to: hourAndMinute(new Date(last.at)),
    rows: minutes(samples, series),
  }
}

/** How fast a position moved since the sample before; none where it went back: another version went live then. */
function perSecond(
  samples: readonly Sample[],
  positionOf: (sample: Sample) => bigint | undefined,
  positionsPerEvent: bigint,
): (number | null)[] {
  return samples.map((sample, index) => {
    const before = samples[index - 1]
    const from = before && positionOf(before)
    const to = positionOf(sample)
    if (before === undefined || from === undefined || to === undefined || to < from) return null
    return eventsBetween(from, to, positionsPerEvent) / ((sample.at - before.at) / 1000)
  })
}

function describe(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return 'Nothing is known yet.'
  return `Now ${figure(known.at(-1)!)}, at most ${figure(Math.max(...known))}.`
}

/** The highest of every minute, the newest first. */
function minutes(samples: readonly Sample[], series: readonly Series[]): MinuteRow[] {
  const indexes = samples.keys().toArray()
  const byMinute = Map.groupBy(indexes, (index) => Math.floor(samples[index]!.at / MINUTE))
  const rows = [...byMinute].map(([minute, indexes]) => ({
    at: hourAndMinute(new Date(minute * MINUTE)),
    values: series.map(({ values }) => {
      const known = indexes.map((index) => values[index]!).filter((value) => value !== null)
      return known.length === 0 ? null : Math.max(...known)
    }),
  }))
  return rows.reverse()
}
