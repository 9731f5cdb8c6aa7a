import { noCounts, plus, quantileOf } from '../metrics/durations.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What has been counted since the start. */
interface Totals {
  readonly at: number
  readonly requests: number
  readonly errors: number
  readonly submissions: number
  readonly projected: number
  readonly requestCounts: readonly number[]
  readonly appendCounts: readonly number[]
}

/** So far back do figures of the last seconds look, at least. */
const WINDOW_MS = 15_000

const milliseconds = (seconds: number): number => Math.round(seconds * 100_000) / 100

/** Figures of the last seconds, from what is counted since the start. */
export class Rates {
  readonly #metrics: Metrics
  readonly #now: () => number
  #past: readonly Totals[]

  /** @param now milliseconds of a clock that never goes back */
  constructor(metrics: Metrics, now: () => number = () => performance.now()) {
    this.#metrics = metrics
    this.#now = now
    const none = { requests: 0, errors: 0, submissions: 0, projected: 0 }
    this.#past = [{ at: now(), ...none, requestCounts: noCounts(), appendCounts: noCounts() }]
  }

  /** Since about a quarter of a minute; ask every few seconds. */
  figures(): Record<string, number> {
    const now = this.#totals()
    const enough = this.#past.findLastIndex(({ at }) => now.at - at >= WINDOW_MS)
    this.#past = [...this.#past.slice(Math.max(enough, 0)), now]
    const then = this.#past[0]!
    const seconds = Math.max((now.at - then.at) / 1000, 0.001)
    const rate = (count: 'requests' | 'errors' | 'submissions' | 'projected') =>
      Math.round(((now[count] - then[count]) / seconds) * 100) / 100
    const p95 = quantileOf(plus(now.requestCounts, then.requestCounts, -1), 0.95)
    const appendP95 = quantileOf(plus(now.appendCounts, then.appendCounts, -1), 0.95)
    const p95SinceStart = quantileOf(now.requestCounts, 0.95)
    return {
      requestsPerSecond: rate('requests'),
      errorsPerSecond: rate('errors'),
      submissionsPerSecond: rate('submissions'),
      eventsPerSecond: rate('projected'),
      ...(p95 !== undefined && { p95Ms: milliseconds(p95) }),
      ...(appendP95 !== undefined && { appendP95Ms: milliseconds(appendP95) }),
      requests: now.requests,
      errors: now.errors,
      ...(p95SinceStart !== undefined && { p95MsSinceStart: milliseconds(p95SinceStart) }),
    }
  }

  #totals(): Totals {
    const { requests, appendedEvents, projectedEvents, appendDurations } = this.#metrics
    const { counts, ...answered } = requests.totals()
    return {
      at: this.#now(),
      ...answered,
      submissions: appendedEvents.of('AllocationSubmitted'),
      projected: projectedEvents.of('category-aggregate'),
      requestCounts: counts,
      appendCounts: [...appendDurations.counts],
    }
  }
}
