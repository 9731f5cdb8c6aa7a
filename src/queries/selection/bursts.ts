/** Allocations that were given many times within a short time. */
import type { Allocation } from '../../events/submission-events.ts'
import { IdSet } from './id-set.ts'

export interface Repeated {
  /** More than so many times … */
  readonly times: number
  /** … within so many minutes. */
  readonly minutes: number
}

/** Counters: 32 MB, however many submissions there are. */
const COUNTERS = 2 ** 24
const FULL = 2 ** 16 - 1
const MINUTE_MS = 60_000

/**
 * First look: how often each allocation was given in each stretch of `minutes`, in counters that several of them may
 * share. So it may suspect too many, never too few, and the second look has only these to keep.
 */
export class BurstSketch {
  readonly #counts = new Uint16Array(COUNTERS)
  readonly #repeated: Repeated

  constructor(repeated: Repeated) {
    this.#repeated = repeated
  }

  /** @param time milliseconds since 1970 */
  count(allocation: string, time: number): void {
    const counter = this.#counterOf(allocation, this.#stretchOf(time))
    if (this.#counts[counter]! < FULL) this.#counts[counter]!++
  }

  /** Whether it may belong to a burst: one that long lies in two neighbouring stretches at most. */
  mayBelong(allocation: string, time: number): boolean {
    const stretch = this.#stretchOf(time)
    const [before, own, after] = [-1, 0, 1].map(
      (shift) => this.#counts[this.#counterOf(allocation, stretch + shift)]!,
    ) as [number, number, number]
    return own === FULL || own + Math.max(before, after) > this.#repeated.times
  }

  #stretchOf(time: number): number {
    return Math.floor(time / (this.#repeated.minutes * MINUTE_MS))
  }

  #counterOf(allocation: string, stretch: number): number {
    // FNV-1a, 32 bits.
    let hash = 0x811c9dc5
    for (const text of [allocation, String(stretch)])
      for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (hash ^ (hash >>> 8)) & (COUNTERS - 1)
  }
}

/** Second look: who exactly. */
export class Bursts {
  readonly #repeated: Repeated
  readonly #ids = new IdSet()
  /** By allocation, when it was given and by which of the ids. */
  readonly #given = new Map<string, { readonly time: number; readonly place: number }[]>()

  constructor(repeated: Repeated) {
    this.#repeated = repeated
  }

  add(allocation: string, time: number, id: string): void {
    const before = this.#ids.size
    this.#ids.add(id)
    if (this.#ids.size === before) return
    const given = this.#given.get(allocation)
    if (given) given.push({ time, place: before })
    else this.#given.set(allocation, [{ time, place: before }])
  }

  /** Everyone who belongs to a burst. */
  find(): IdSet {
    const { times, minutes } = this.#repeated
    const belongs = new Uint8Array(this.#ids.size)
    for (const given of this.#given.values()) {
      given.sort((a, b) => a.time - b.time)
      // Everything before `marked` is decided.
      let marked = 0
      for (let first = 0; first + times < given.length; first++) {
        if (given[first + times]!.time - given[first]!.time > minutes * MINUTE_MS) continue
        for (marked = Math.max(marked, first); marked <= first + times; marked++)
          belongs[given[marked]!.place] = 1
      }
    }
    const found = new IdSet()
    let place = 0
    for (const id of this.#ids.slice()) if (belongs[place++]) found.add(id)
    return found
  }
}

/** The same text for the same allocation. */
export const keyOf = (allocation: Allocation, categories: readonly { readonly id: string }[]): string =>
  categories.map(({ id }) => allocation[id]).join()
