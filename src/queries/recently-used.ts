/** Keeps the entries used last, at most so many. */
export class RecentlyUsed<Value> {
  readonly #limit: number
  readonly #entries = new Map<string, Value>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  /** The entry unused for longest makes room. @returns `value` */
  set(key: string, value: Value): Value {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value!)
    return value
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
