/** A part that failed so often in a row is left alone for a while, after each failed trial for twice as long. */
const FAILURES = 3
const REST_MS = 2000
const LONGEST_REST_MS = 8000

/** So long the caller waits whose question is the trial: enough for a part that is well again. */
const TRIAL_PATIENCE_MS = 20

/** The breaker is open: the part was not asked, or is being tried without making its caller wait. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen'
}

/**
 * Keeps callers from waiting for a part that is known to be dead or silent: after some failures in a row it refuses at
 * once. Every couple of seconds one question is a trial, which goes on by itself while its caller goes elsewhere.
 */
export class CircuitBreaker {
  readonly #name: string
  readonly #now: () => number
  #failures = 0
  #restMs = REST_MS
  #restUntil = 0
  #trying = false

  /** @param now milliseconds of a clock that never goes back */
  constructor(name: string, now: () => number = () => performance.now()) {
    this.#name = name
    this.#now = now
  }

  /** Whether it leaves its part alone, but for a trial now and then. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES
  }

  /** What `work` gives. @throws {BreakerOpen} without waiting for it @throws whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isOpen) return await this.#attempt(work)
    if (this.#trying || this.#now() < this.#restUntil) throw this.#open()
    return await this.#unlessSlow(this.#try(work))
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    this.#trying = true
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS)
    try {
      return await this.#attempt(work)
    } finally {
      this.#trying = false
    }
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      this.#failures = 0
      this.#restMs = REST_MS
      return result
    } catch (error) {
      this.#failures++
      this.#restUntil = this.#now() + this.#restMs
      throw error
    }
  }

  async #unlessSlow<T>(trial: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const slow = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#open()), TRIAL_PATIENCE_MS)
    })
    try {
      return await Promise.race([trial, slow])
    } finally {
      clearTimeout(timer)
    }
  }

  #open = () => new BreakerOpen(`${this.#name} failed lately and is left alone`)
}
