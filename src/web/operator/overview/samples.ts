import type { Position } from '../../../events/event-log.ts'
import type { LiveState } from './live-state.ts'
import { knownOf } from './told.ts'

/** Where the log and the live projections stood at a moment. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly head: Position | undefined
  /** By the projection's name. */
  readonly live: ReadonlyMap<string, Position>
}

const EVERY_MS = 5000
/** Half an hour. */
const WINDOW_MS = 30 * 60_000

/**
 * The last half hour, kept by each web process: charts are of use only if they were drawn before somebody looks. Two
 * short questions every five seconds is what it costs.
 */
export class Samples {
  readonly #ask: () => Promise<LiveState>
  readonly #samples: Sample[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param ask must not reject */
  constructor(ask: () => Promise<LiveState>) {
    this.#ask = ask
  }

  /** Oldest first. */
  get all(): readonly Sample[] {
    return this.#samples
  }

  start(): void {
    void this.#take()
    this.#timer = setInterval(() => void this.#take(), EVERY_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #take(): Promise<void> {
    const state = await this.#ask()
    if (state.at.getTime() === this.#samples.at(-1)?.at) return
    const live = (knownOf(state.versions) ?? []).filter(({ status }) => status === 'live')
    this.#samples.push({
      at: state.at.getTime(),
      head: knownOf(state.head),
      live: new Map(live.map(({ projection, position }) => [projection, position])),
    })
    const from = state.at.getTime() - WINDOW_MS
    while (this.#samples[0] && this.#samples[0].at < from) this.#samples.shift()
  }
}
