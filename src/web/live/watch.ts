import { setImmediate } from 'node:timers/promises'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { isNews, type LiveMessage, liveMessage } from './live-view.ts'
import type { Reader } from './reader.ts'

export interface WatchOptions {
  /** Shortest time between the starts of two rounds, milliseconds. */
  readonly tickMs: number
  /** Who has not read the last message after this time is given up, milliseconds. */
  readonly stallMs: number
  /** Told how many messages went out. */
  readonly onSent: (messages: number) => void
}

interface Reading {
  readonly reader: Reader
  told: LiveMessage
  /** When it was told; milliseconds of the clock that never goes back, as all times here. */
  toldAt: number
  /** Since when it has not read what it was sent. */
  stalledAt: number | undefined
}

/** So many are sent a message in one go: then everybody else in this process has a turn. */
const SLICE = 100

/**
 * Everybody who watches one poll in this process. News goes out in rounds, at most one a tick: at once if there was
 * none for a tick, else at its end, and always the newest. Nothing is queued for anybody: who has not read the last
 * message misses what comes meanwhile, and gets the newest when there is room again.
 */
export class Watch {
  readonly #options: WatchOptions
  readonly #readings = new Map<Reader, Reading>()
  readonly #behind = new Set<Reading>()
  #latest: PollAggregate
  #round = { startedAt: Number.NEGATIVE_INFINITY, isUnderWay: false }
  #next: NodeJS.Timeout | undefined

  constructor(latest: PollAggregate, options: WatchOptions) {
    this.#latest = latest
    this.#options = options
  }

  get size(): number {
    return this.#readings.size
  }

  /** Somebody is told the present state at once, and from then on what is new. */
  add(reader: Reader): void {
    const told = liveMessage(this.#latest)
    this.#readings.set(reader, { reader, told, toldAt: performance.now(), stalledAt: undefined })
    reader.send(told.body)
    this.#options.onSent(1)
  }

  remove(reader: Reader): void {
    const reading = this.#readings.get(reader)
    if (!reading) return
    this.#readings.delete(reader)
    this.#behind.delete(reading)
    if (this.size === 0) clearTimeout(this.#next)
  }

  /** This may be new. What is older than what was told is not: it comes from a slower source. */
  note(aggregate: PollAggregate): void {
    if (!isNews(aggregate, this.#latest)) return
    this.#latest = aggregate
    this.#schedule()
  }

  /** Those who missed something get the newest, as far as they have room again. */
  catchUp(): void {
    for (const reading of this.#behind) this.#tell(reading)
  }

  /** Tells somebody who has heard nothing for so long the same again: a silent connection may as well be a dead one. */
  remind(reader: Reader, afterMs: number): void {
    const reading = this.#readings.get(reader)
    if (!reading || reader.waiting > 0 || performance.now() - reading.toldAt < afterMs) return
    this.#send(reading, liveMessage(this.#latest))
  }

  #schedule(): void {
    if (this.#round.isUnderWay || this.#next || this.size === 0) return
    const wait = this.#round.startedAt + this.#options.tickMs - performance.now()
    this.#next = setTimeout(
      () => {
        this.#next = undefined
        void this.#tellAll()
      },
      Math.max(0, wait),
    )
  }

  async #tellAll(): Promise<void> {
    const aim = this.#latest
    this.#round = { startedAt: performance.now(), isUnderWay: true }
    let inSlice = 0
    for (const reading of this.#readings.values()) {
      this.#tell(reading)
      if (++inSlice % SLICE === 0) await setImmediate()
    }
    this.#round.isUnderWay = false
    if (this.#latest !== aim) this.#schedule()
  }

  #tell(reading: Reading): void {
    const message = liveMessage(this.#latest)
    if (reading.told === message) this.#behind.delete(reading)
    else if (this.#isReady(reading)) this.#send(reading, message)
    else this.#behind.add(reading)
  }

  #isReady(reading: Reading): boolean {
    const now = performance.now()
    if (reading.reader.waiting > 0) {
      reading.stalledAt ??= now
      if (now - reading.stalledAt >= this.#options.stallMs) reading.reader.drop()
      return false
    }
    // Whoever has just come has just been told. Rounds may be a little closer together at their ends than at their starts.
    return now - reading.toldAt >= this.#options.tickMs * 0.8
  }

  #send(reading: Reading, message: LiveMessage): void {
    this.#behind.delete(reading)
    reading.stalledAt = undefined
    reading.told = message
    reading.toldAt = performance.now()
    reading.reader.send(message.body)
    this.#options.onSent(1)
  }
}
