import type { Registry } from 'prom-client'
import { Durations, noCounts, plus, tellDurations, totalOf } from './durations.ts'

interface Timed {
  readonly labels: { readonly method: string; readonly route: string; readonly status: string }
  readonly durations: Durations
  /** Whether somebody waits for it: not a probe, nor a file that is downloaded for as long as the line takes. */
  readonly isAwaited: boolean
}

/** One route of one server, as fastify knows it: the same object for all of its requests. */
export interface Route {
  readonly method?: unknown
  /** Its pattern; undefined where no route was found. */
  readonly url?: string | undefined
}

const OPERATION = /^\/(livez|readyz|metrics)$/
/** What a GET of submissions gives is a file. */
const DOWNLOAD = '/api/polls/:poll/submissions'

/** How long requests took, by route and class of status. It is on the way of every answer. */
export class RequestTimings {
  /** By the first digit of the status. */
  readonly #byRoute = new WeakMap<Route, (Timed | undefined)[]>()
  readonly #all = new Map<string, Timed>()

  constructor(registry: Registry) {
    tellDurations(
      registry,
      'taxbudget_http_request_duration_seconds',
      'How long requests took until their answer was sent, by route and class of status',
      () => [...this.#all.values()],
    )
  }

  /** @param ms milliseconds until the answer was sent */
  answered(route: Route, method: string, status: number, ms: number): void {
    const digit = (status / 100) | 0
    const timed = this.#byRoute.get(route)?.[digit] ?? this.#timed(route, method, digit)
    timed.durations.add(ms / 1000)
  }

  /** Of what people and programs wait for: how many, how many of them failed with a 5xx, and their durations. */
  totals(): { readonly requests: number; readonly errors: number; readonly counts: readonly number[] } {
    let [counts, errors] = [noCounts(), 0]
    for (const { labels, durations, isAwaited } of this.#all.values()) {
      if (!isAwaited) continue
      counts = plus(counts, durations.counts)
      if (labels.status === '5xx') errors += totalOf(durations.counts)
    }
    return { requests: totalOf(counts), errors, counts }
  }

  #timed(known: Route, method: string, digit: number): Timed {
    const { url } = known
    // Addresses that lead nowhere are as many as people can think of.
    const route = url ?? 'none'
    const labels = { method: url === undefined ? 'any' : method, route, status: `${digit}xx` }
    const key = Object.values(labels).join(' ')
    const isAwaited = !OPERATION.test(route) && !(route === DOWNLOAD && method === 'GET')
    const timed = this.#all.get(key) ?? { labels, durations: new Durations(), isAwaited }
    this.#all.set(key, timed)
    const byStatus = this.#byRoute.get(known) ?? []
    byStatus[digit] = timed
    this.#byRoute.set(known, byStatus)
    return timed
  }
}
