/** Work that several wait for: it is broken off when nobody does any more. */
export class SharedWork<T> {
  readonly #controller = new AbortController()
  readonly outcome: Promise<T>
  #waiting = 0

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.outcome = work(this.#controller.signal)
    // Those who wait are told; when nobody does, nobody is.
    this.outcome.catch(() => {})
  }

  get isAbandoned(): boolean {
    return this.#controller.signal.aborted
  }

  /** @param signal stops waiting. @throws the signal's reason, or as the work does */
  async wait(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    this.#waiting++
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal?.reason as Error)
      signal?.addEventListener('abort', leave, { once: true })
    })
    try {
      return await Promise.race([this.outcome, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      if (--this.#waiting === 0) this.#controller.abort()
    }
  }
}
