/** Over so long it is measured, milliseconds. */
const WINDOW_MS = 10_000

/** How much is done a second, of late. */
export class Rate {
  readonly #now: () => number
  #steps: { readonly at: number; readonly count: number }[] = []

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#steps = [{ at: now(), count: 0 }]
  }

  /** Something more is done. @returns so much a second */
  add(count: number): number {
    const at = this.#now()
    this.#steps.push({ at, count })
    while (this.#steps.length > 2 && at - this.#steps[1]!.at > WINDOW_MS) this.#steps.shift()
    const [first, ...later] = this.#steps
    const seconds = (at - first!.at) / 1000
    return seconds > 0 ? later.reduce((sum, step) => sum + step.count, 0) / seconds : 0
  }
}
