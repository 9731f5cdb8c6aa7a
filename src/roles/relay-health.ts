/** What the relay of this process does and how it fares, for /readyz: that the bus can be reached is not enough. */
export class RelayHealth {
  #active = false
  #trouble: Error | undefined

  active(active: boolean): void {
    this.#active = active
    // A standby does nothing that could fail, and who begins has not failed yet.
    this.#trouble = undefined
  }

  /** How its last attempt ended; without an error: well. */
  outcome(error?: Error): void {
    this.#trouble = error
  }

  /** @throws while it is the active one and cannot relay */
  tell(): string {
    if (!this.#active) return 'standby'
    if (this.#trouble) throw new Error(`the relay stands still: ${this.#trouble.message}`)
    return 'active'
  }
}
