import { withDeadline } from '../deadline.ts'

interface SharedOptions {
  readonly name: string
  /** For so long an answer is good for everybody, milliseconds. */
  readonly keepMs: number
  /** Nobody waits for longer, milliseconds. */
  readonly deadlineMs?: number
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

const DEADLINE_MS = 1000

/**
 * A figure that has to be asked for. However many want to know, it is asked one question at a time, and no more often
 * than its answers grow stale: a second Prometheus, or a dead server, must not multiply the load.
 */
export class Shared<T> {
  readonly #ask: () => Promise<T>
  readonly #options: SharedOptions
  readonly #now: () => number
  #underway: Promise<T> | undefined
  #last: { readonly at: number; readonly value: T } | undefined

  constructor(options: SharedOptions, ask: () => Promise<T>) {
    this.#ask = ask
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** @throws what asking throws, or {DeadlineExceeded}: the question goes on then, and whoever asks next waits for it */
  async get(): Promise<T> {
    const { name, keepMs, deadlineMs = DEADLINE_MS } = this.#options
    if (this.#last && this.#now() - this.#last.at < keepMs) return this.#last.value
    if (!this.#underway) {
      this.#underway = this.#keep().finally(() => {
        this.#underway = undefined
      })
      // Whoever asked may be gone by then.
      this.#underway.catch(() => {})
    }
    return await withDeadline(deadlineMs, name, this.#underway)
  }

  async #keep(): Promise<T> {
    const value = await this.#ask()
    this.#last = { at: this.#now(), value }
    return value
  }
}
