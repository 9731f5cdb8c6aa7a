import { setTimeout as sleep } from 'node:timers/promises'
import { type Arrival, schedule } from '../../loadtest/schedule.ts'
import type { Kind } from '../../loadtest/targets.ts'
import type { Visitors } from '../../loadtest/visitors.ts'
import { type Random, seededRandom } from '../../src/cli/simulate/random.ts'

export type Mix = Readonly<Record<Kind, number>>

export interface LoadOutcome {
  /** Visits that were answered as they should. */
  readonly answered: number
  /** What became of the others, each in a word. */
  readonly failures: readonly string[]
  /** Visits a second that were answered, over all the time until the last was. */
  readonly rate: number
  /** Milliseconds since they were due: so long waited half of them at most, 99 in a hundred, and the slowest. */
  readonly p50: number
  readonly p99: number
  readonly slowest: number
}

interface LoadOptions {
  /** A second. */
  readonly rate: number
  readonly mix: Mix
  readonly seed: string
}

/** People who come at a given rate, whether or not those before have been answered, until `finish`. */
export class SteadyLoad {
  readonly #visitors: Visitors
  readonly #options: LoadOptions
  readonly #failures: string[] = []
  readonly #waits: number[] = []
  readonly #started = performance.now()
  readonly #underWay = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(visitors: Visitors, options: LoadOptions) {
    this.#visitors = visitors
    this.#options = options
    this.#running = this.#run()
  }

  /** How many have been answered. */
  get answered(): number {
    return this.#waits.length
  }

  /** How many wait for their answer. */
  get waiting(): number {
    return this.#underWay.size
  }

  /** Nobody comes any more; waits for those who have. */
  async finish(): Promise<LoadOutcome> {
    this.#stop.abort()
    await this.#running
    await Promise.all(this.#underWay)
    const seconds = (performance.now() - this.#started) / 1000
    const waits = this.#waits.toSorted((a, b) => a - b)
    const at = (share: number) => Math.round(waits[Math.ceil(share * waits.length) - 1] ?? 0)
    return {
      answered: waits.length,
      failures: this.#failures,
      rate: Math.round(waits.length / seconds),
      ...{ p50: at(0.5), p99: at(0.99), slowest: at(1) },
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { seed } = this.#options
    for (const arrival of schedule({ ...this.#options, seconds: 3600 }, seededRandom(`${seed} arrivals`))) {
      const early = this.#started + arrival.due - performance.now()
      if (early >= 1) await sleep(early, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      const visit = this.#visit(arrival).finally(() => this.#underWay.delete(visit))
      this.#underWay.add(visit)
    }
  }

  async #visit({ kind, index, due }: Arrival): Promise<void> {
    try {
      await this.#visitors.visit(kind, `${this.#options.seed} ${index}`)
      this.#waits.push(performance.now() - this.#started - due)
    } catch (error) {
      this.#failures.push(`${kind} at ${Math.round(due)} ms: ${(error as Error).message}`)
    }
  }
}

/** So many at a time, and for how long, milliseconds: the first part warms the processes up. */
const PROBE = { visitors: 16, warmUpMs: 2500, ms: 2500 }

/** How many visits a second can be answered here and now: by those who come again as soon as they are answered. */
export async function capacity(visitors: Visitors, mix: Mix, random: Random): Promise<number> {
  const [from, to] = [performance.now() + PROBE.warmUpMs, performance.now() + PROBE.warmUpMs + PROBE.ms]
  const arrivals = schedule({ rate: 1, mix, seconds: Number.POSITIVE_INFINITY }, random)
  let answered = 0
  const visitor = async () => {
    while (performance.now() < to) {
      const { kind, index } = arrivals.next().value!
      await visitors.visit(kind, `probe ${index}`).catch(() => {})
      if (performance.now() > from) answered++
    }
  }
  await Promise.all(Array.from({ length: PROBE.visitors }, visitor))
  return (1000 * answered) / (performance.now() - from)
}
