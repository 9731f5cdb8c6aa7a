import { setTimeout as sleep } from 'node:timers/promises'

export interface Turn {
  readonly index: number
  /** When it should begin, on the clock of `performance.now()`. */
  readonly due: number
}

/**
 * Turns 0…count − 1 as they come due.
 * @param rate turns a second, whether or not earlier ones are done; undefined: each as soon as it is asked for
 */
export async function* pace(
  count: number,
  { rate, signal }: { rate: number | undefined; signal: AbortSignal },
): AsyncGenerator<Turn> {
  const started = performance.now()
  for (let index = 0; index < count && !signal.aborted; index++) {
    const due = rate === undefined ? performance.now() : started + (index * 1000) / rate
    const early = due - performance.now()
    // Timers are no finer than a millisecond; turns that are late anyway go at once.
    if (early >= 1) await sleep(Math.ceil(early), undefined, { signal }).catch(() => {})
    if (!signal.aborted) yield { index, due }
  }
}
