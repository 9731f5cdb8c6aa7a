import { setTimeout as sleep } from 'node:timers/promises'
import type { Arrival } from '../../loadtest/schedule.ts'
import { schedule } from '../../loadtest/schedule.ts'
import type { Kind } from '../../loadtest/targets.ts'
import { Visitors } from '../../loadtest/visitors.ts'
import { seededRandom } from '../../src/cli/simulate/random.ts'

export interface LoadOutcome {
  /** Visits that were answered as they should. */
  readonly answered: number
  /** What became of the others, each in a word. */
  readonly failures: readonly string[]
  /** Visits a second that were answered, over all the time until the last was. */
  readonly rate: number
  /** What the slowest waited, milliseconds since they were due. */
  readonly slowest: number
  /** The rest of the waiting: half of all, and 99 in a hundred waited no longer. */
  readonly p50: number
  readonly p99: number
}

interface LoadOptions {
  /** A second. */
  readonly rate: number
  readonly mix: Readonly<Record<Kind, number>>
  readonly seed: string
}

/** People who come at a given rate, whether or not those before have been answered, until `finish`. */
export class SteadyLoad {
  readonly visitors: Visitors
  readonly #options: LoadOptions
  readonly #failures: string[] = []
  readonly #waits: number[] = []
  readonly #started = performance.now()
  readonly #underWay = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  private constructor(visitors: Visitors, options: LoadOptions) {
    this.visitors = visitors
    this.#options = options
    this.#running = this.#run()
  }

  static async start(url: string, options: LoadOptions): Promise<SteadyLoad> {
    const visitors = await Visitors.open(url, 'us-federal', seededRandom(options.seed))
    // There must be one to look at when the first reader comes.
    await visitors.submit(`${options.seed} first`)
    return new SteadyLoad(visitors, options)
  }

  get answered(): number {
    return this.#waits.length
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
      rate: waits.length / seconds,
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
      await this.visitors.visit(kind, `${this.#options.seed} ${index}`)
      this.#waits.push(performance.now() - this.#started - due)
    } catch (error) {
      this.#failures.push(`${kind} at ${Math.round(due)} ms: ${(error as Error).message}`)
    }
  }
}
