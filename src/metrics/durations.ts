import type { MetricValueWithName, Registry } from 'prom-client'
import { tell } from './told.ts'

/**
 * Upper bounds, seconds. What is promised has one of its own, so that it can be seen to be kept: 50 ms for results,
 * 100 ms for pages, 200 ms for submissions and for 95 % of everything.
 */
export const BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30,
]

/**
 * How long something took, counted in buckets. Counting one costs a few nanoseconds and no memory: a histogram of
 * prom-client's makes an object of the labels and a text of that for each.
 */
export class Durations {
  /** How many in each bucket alone; the last one is for what took longer than every bound. */
  readonly counts: number[] = new Array(BOUNDS.length + 1).fill(0)
  /** Seconds. */
  sum = 0

  add(seconds: number): void {
    let bucket = 0
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++
    this.counts[bucket]!++
    this.sum += seconds
  }
}

/** Counts of buckets added up, or taken from each other. */
export const plus = (a: readonly number[], b: readonly number[], times = 1): number[] =>
  a.map((count, index) => count + times * b[index]!)

export const noCounts = (): number[] => new Array(BOUNDS.length + 1).fill(0)

export const totalOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/**
 * So many of a hundred took no longer, seconds: as Prometheus computes it, on a straight line within the bucket.
 * @param quantile 0.95, say
 * @returns undefined if there were none; the greatest bound for what took longer
 */
export function quantileOf(counts: readonly number[], quantile: number): number | undefined {
  const rank = quantile * totalOf(counts)
  if (rank === 0) return undefined
  let [below, bucket] = [0, 0]
  while (bucket < BOUNDS.length && below + counts[bucket]! < rank) below += counts[bucket++]!
  if (bucket === BOUNDS.length) return BOUNDS.at(-1)!
  const [from, to] = [bucket === 0 ? 0 : BOUNDS[bucket - 1]!, BOUNDS[bucket]!]
  return from + ((to - from) * (rank - below)) / counts[bucket]!
}

interface DurationsOf {
  readonly labels: Readonly<Record<string, string>>
  readonly durations: Durations
}

/** Has `registry` tell of durations as a histogram. @param all asked whenever it is read */
export function tellDurations(
  registry: Registry,
  name: string,
  help: string,
  all: () => readonly DurationsOf[],
): void {
  tell(registry, {
    name,
    help,
    type: 'histogram',
    values: () => all().flatMap((each) => valuesOf(name, each)),
  })
}

function valuesOf(name: string, { labels, durations }: DurationsOf): MetricValueWithName<string>[] {
  let upTo = 0
  const buckets = durations.counts.map((count, index) => {
    upTo += count
    const le = index < BOUNDS.length ? String(BOUNDS[index]) : '+Inf'
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: durations.sum },
    { metricName: `${name}_count`, labels, value: upTo },
  ]
}
