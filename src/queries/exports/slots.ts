import { Problem } from '../../errors.ts'

/** When to ask again, seconds: exports take from seconds to minutes. */
const RETRY_AFTER = 10

export interface SlotsOptions {
  readonly atOnce: number
  /** Of them for one asker who is known. */
  readonly each?: number
}

/** At most so many of something at once; nobody waits in line. */
export class Slots {
  readonly #atOnce: number
  readonly #each: number
  #taken = 0
  readonly #takenBy = new Map<string, number>()

  constructor({ atOnce, each = atOnce }: SlotsOptions) {
    this.#atOnce = atOnce
    this.#each = each
  }

  /**
   * @param by who asks, if that is known
   * @returns gives the slot back; calling it again does nothing. @throws {Problem} EXPORT_BUSY
   */
  take(by?: string): () => void {
    if (this.#taken >= this.#atOnce) throw busy(`${this.#atOnce} exports are under way`)
    const own = by === undefined ? 0 : (this.#takenBy.get(by) ?? 0)
    if (own >= this.#each) throw busy(`${own} exports are under way for your address`)
    this.#taken++
    if (by !== undefined) this.#takenBy.set(by, own + 1)
    let given = false
    return () => {
      if (given) return
      given = true
      this.#taken--
      if (by !== undefined) this.#giveBack(by)
    }
  }

  #giveBack(by: string): void {
    const left = this.#takenBy.get(by)! - 1
    if (left > 0) this.#takenBy.set(by, left)
    else this.#takenBy.delete(by)
  }
}

const busy = (what: string): Problem =>
  new Problem('EXPORT_BUSY', { detail: `${what}, and no more are made at once.`, retryAfter: RETRY_AFTER })
