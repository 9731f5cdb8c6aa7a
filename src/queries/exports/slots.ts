import { Problem } from '../../errors.ts'

/** When to ask again, seconds: exports take from seconds to minutes. */
const RETRY_AFTER = 10

/** At most so many of something at once; nobody waits in line. */
export class Slots {
  readonly #size: number
  #taken = 0

  constructor(size: number) {
    this.#size = size
  }

  /** @returns gives the slot back; calling it again does nothing. @throws {Problem} EXPORT_BUSY */
  take(): () => void {
    if (this.#taken >= this.#size)
      throw new Problem('EXPORT_BUSY', {
        detail: `${this.#size} exports are under way, and no more are made at once.`,
        retryAfter: RETRY_AFTER,
      })
    this.#taken++
    let given = false
    return () => {
      if (!given) this.#taken--
      given = true
    }
  }
}
