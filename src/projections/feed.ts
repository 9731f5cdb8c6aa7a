import { type Bus, type Delivery, delivered } from '../events/bus.ts'
import type { EventLog, Position } from '../events/event-log.ts'

/** Where a projector hears of new events. */
export type Source = 'bus' | 'log'

export interface Batch extends Delivery {
  readonly source: Source
}

/** So many batches may wait; then the oldest are lost, and the projector reads them from the log. */
const MAX_WAITING = 1000

/**
 * What a projector is fed with: the bus, and beside it the log itself for as long as the bus does not bring what is
 * there. What comes twice is known by its position.
 */
export class Feed {
  readonly #log: EventLog
  readonly #pumps: Promise<void>[]
  readonly #ended: AbortSignal
  #following: AbortController | undefined
  #batches: Batch[] = []
  #wake: (() => void) | undefined

  /** @param name under which the bus keeps what this projector has acknowledged */
  constructor({ log, bus, name }: { log: EventLog; bus: Bus; name: string }, ended: AbortSignal) {
    this.#log = log
    this.#ended = ended
    this.#pumps = [this.#pump('bus', bus.subscribe({ name, signal: ended }))]
  }

  get source(): Source {
    return this.#following ? 'log' : 'bus'
  }

  /** What is there, or arrives first within `timeoutMs`; nothing if nothing does, or the feed ends. */
  async take(timeoutMs: number): Promise<Batch[]> {
    if (this.#batches.length === 0 && !this.#ended.aborted) await this.#wait(timeoutMs)
    const taken = this.#batches
    this.#batches = []
    return taken
  }

  /** Listens to the log, too. */
  followLog(after: Position): void {
    if (this.#following || this.#ended.aborted) return
    this.#following = new AbortController()
    const signal = AbortSignal.any([this.#ended, this.#following.signal])
    this.#pumps.push(this.#pump('log', batchesOf(this.#log, after, signal)))
  }

  /** The bus alone is enough again. */
  leaveLog(): void {
    this.#following?.abort()
    this.#following = undefined
  }

  /** Resolves when nothing is listened to any more. */
  async closed(): Promise<void> {
    await Promise.all(this.#pumps)
  }

  #wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#ended.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      this.#ended.addEventListener('abort', wake, { once: true })
      this.#wake = wake
    })
  }

  async #pump(source: Source, deliveries: AsyncIterable<Delivery>): Promise<void> {
    for await (const delivery of deliveries) {
      const { previous, last } = delivery
      this.#batches.push({
        source,
        previous,
        last,
        events: () => delivery.events(),
        acknowledge: () => delivery.acknowledge(),
      })
      if (this.#batches.length > MAX_WAITING) this.#batches.shift()
      this.#wake?.()
    }
  }
}

async function* batchesOf(log: EventLog, after: Position, signal: AbortSignal): AsyncGenerator<Delivery> {
  let previous = after
  for await (const events of log.subscribe({ after, signal })) {
    const delivery = delivered({ previous, events })
    previous = delivery.last
    yield delivery
  }
}
