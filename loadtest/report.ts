import { Latencies } from '../src/cli/simulate/latencies.ts'
import type { LoadOptions } from './options.ts'
import { type Kind, kinds, targets } from './targets.ts'

/** Of what is due, so much must be answered. */
const RATE_MET = 0.95

/** How one kind of visit went. Milliseconds since it was due; null: there was none. */
export interface KindReport {
  readonly kind: Kind
  readonly answered: number
  readonly failed: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
  readonly target: number
  readonly met: boolean
}

export interface Counting {
  readonly acknowledged: number
  /** Submissions of which nobody knows whether they were taken. */
  readonly unknown: number
  /** By how much the results have grown. */
  readonly counted: number
  /** Submissions that were looked up, and are not what was acknowledged. */
  readonly wrong: number
  readonly met: boolean
}

export interface LoadReport {
  readonly at: string
  readonly url: string
  readonly seed: string
  readonly seconds: number
  /** Visits a second: what was asked for, what came due, and what was answered. */
  readonly rate: {
    readonly asked: number
    readonly due: number
    readonly answered: number
    readonly met: boolean
  }
  /** By how much the test itself began late, milliseconds at the 99th percentile: it is in the times. */
  readonly ownLateness: number | null
  readonly kinds: readonly KindReport[]
  /** What failed, and how often. */
  readonly errors: Readonly<Record<string, number>>
  readonly counting: Counting
  readonly met: boolean
}

/** Gathers what came of every visit that is measured. */
export class Measurements {
  readonly #latencies = new Map(
    kinds.map((kind) => [kind, { times: new Latencies(), answered: 0, failed: 0 }]),
  )
  readonly #lateness = new Latencies()
  readonly #errors = new Map<string, number>()

  began(late: number): void {
    this.#lateness.add(late)
  }

  answered(kind: Kind, milliseconds: number): void {
    const of = this.#latencies.get(kind)!
    of.answered++
    of.times.add(milliseconds)
  }

  failed(kind: Kind, { message }: Error): void {
    this.#latencies.get(kind)!.failed++
    this.#errors.set(message, (this.#errors.get(message) ?? 0) + 1)
  }

  report(
    { rate, seconds, seed }: LoadOptions,
    about: {
      readonly at: Date
      readonly url: string
      readonly tookSeconds: number
      readonly counting: Counting
    },
  ): LoadReport {
    const list = kinds
      .map((kind) => this.#reportOf(kind))
      .filter(({ answered, failed }) => answered + failed > 0)
    const answered = list.reduce((sum, each) => sum + each.answered, 0)
    const due = list.reduce((sum, each) => sum + each.answered + each.failed, 0)
    const rates = { asked: rate, due: round(due / seconds), answered: round(answered / about.tookSeconds) }
    const rateMet = rates.answered >= RATE_MET * rates.due
    const { counting } = about
    return {
      at: about.at.toISOString(),
      url: about.url,
      seed,
      seconds,
      rate: { ...rates, met: rateMet },
      ownLateness: this.#lateness.percentile(99),
      kinds: list,
      errors: Object.fromEntries(this.#errors),
      counting,
      met: rateMet && counting.met && list.every(({ met }) => met),
    }
  }

  #reportOf(kind: Kind): KindReport {
    const { times, answered, failed } = this.#latencies.get(kind)!
    const [p50, p90, p95, p99, max] = [50, 90, 95, 99, 100].map((percent) => times.percentile(percent)) as [
      number | null,
      number | null,
      number | null,
      number | null,
      number | null,
    ]
    const target = targets[kind]
    return {
      kind,
      answered,
      failed,
      p50,
      p90,
      p95,
      p99,
      max,
      target,
      met: failed === 0 && p95 !== null && p95 <= target,
    }
  }
}

const round = (value: number): number => Math.round(value * 10) / 10
