import type { EventBatch } from '../events/bus.ts'

/** So many batches may wait; then the oldest are lost, and the projector reads them from the log. */
const MAX_WAITING = 1000

/** Takes everything that has arrived since the last time, instead of one batch after the other. */
export class BatchBuffer {
  /** Resolves when the source has ended. */
  readonly ended: Promise<void>
  #batches: EventBatch[] = []
  #wake: (() => void) | undefined

  constructor(source: AsyncIterable<EventBatch>) {
    this.ended = this.#drain(source)
  }

  /** What is there, or arrives first within `timeoutMs`; nothing if nothing does, or `signal` aborts. */
  async take(timeoutMs: number, signal: AbortSignal): Promise<EventBatch[]> {
    if (this.#batches.length === 0 && !signal.aborted) await this.#wait(timeoutMs, signal)
    const taken = this.#batches
    this.#batches = []
    return taken
  }

  #wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake, { once: true })
      this.#wake = wake
    })
  }

  async #drain(source: AsyncIterable<EventBatch>): Promise<void> {
    for await (const batch of source) {
      this.#batches.push(batch)
      if (this.#batches.length > MAX_WAITING) this.#batches.shift()
      this.#wake?.()
    }
  }
}
