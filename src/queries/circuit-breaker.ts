/** A part that failed so often in a row is left alone for a while. */
const FAILURES = 3
const REST_MS = 2000

/** The breaker is open: the part was not asked. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen'
}

/**
 * Keeps callers from waiting for a part that is known to be dead: after some failures in a row it refuses at once, and
 * lets one caller try every couple of seconds.
 */
export class CircuitBreaker {
  readonly #name: string
  readonly #now: () => number
  #failures = 0
  #restUntil = 0

  /** @param now milliseconds of a clock that never goes back */
  constructor(name: string, now: () => number = () => performance.now()) {
    this.#name = name
    this.#now = now
  }

  /** What `work` gives. @throws {BreakerOpen} without asking @throws whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const now = this.#now()
    if (this.#failures >= FAILURES) {
      if (now < this.#restUntil) throw new BreakerOpen(`${this.#name} failed lately and is left alone`)
      this.#restUntil = now + REST_MS
    }
    try {
      const result = await work()
      this.#failures = 0
      return result
    } catch (error) {
      this.#failures++
      this.#restUntil = this.#now() + REST_MS
      throw error
    }
  }
}
