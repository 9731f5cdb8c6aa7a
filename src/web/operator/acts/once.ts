import { LRUCache } from 'lru-cache'

const REMEMBERED = 10_000

/**
 * One form, one act: a form that was sent already gets the first outcome. This process remembers its own; in another
 * one a repeat is found by what the form says its operator saw.
 */
export class Once<Outcome extends object> {
  readonly #outcomes = new LRUCache<string, Promise<Outcome>>({ max: REMEMBERED })

  /** @param form the form's id */
  async run(form: string, act: () => Promise<Outcome>): Promise<{ outcome: Outcome; isRepeat: boolean }> {
    const known = this.#outcomes.get(form)
    if (known) return { outcome: await known, isRepeat: true }
    const outcome = act()
    this.#outcomes.set(form, outcome)
    return { outcome: await outcome, isRepeat: false }
  }
}
