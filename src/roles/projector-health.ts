import type { Messaging } from '../adapters.ts'
import type { EventLog, Position } from '../events/event-log.ts'
import type { ProjectionStore } from '../projections/projection-store.ts'

/** So often, or for so long, it may fail without the projection moving on: a database that restarts is back sooner. */
const FAILURES = 5
const FAILING_MS = 30_000
/** One that fails for good fails again sooner. */
const QUIET_MS = 15_000

interface ProjectorHealthOptions {
  /** The one that feeds it; unset: one that is never away. */
  readonly bus?: Pick<Messaging, 'mustBeConnected'>
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/** What the projector of this process does and how it fares, for /readyz. */
export class ProjectorHealth {
  readonly #log: Pick<EventLog, 'head'>
  readonly #store: Pick<ProjectionStore, 'checkpoint'>
  readonly #bus: Pick<Messaging, 'mustBeConnected'>
  readonly #now: () => number
  #active = false
  #feed: 'bus' | 'log' = 'log'
  #failures = 0
  #failingSince = 0
  #failedAt = 0
  #lastError = ''
  #seen: Position | undefined
  #waitsFor: string | undefined

  constructor(
    log: Pick<EventLog, 'head'>,
    store: Pick<ProjectionStore, 'checkpoint'>,
    { bus = { mustBeConnected: () => {} }, now = () => performance.now() }: ProjectorHealthOptions = {},
  ) {
    this.#log = log
    this.#store = store
    this.#bus = bus
    this.#now = now
  }

  /** Where its events come from: without the bus it reads them from the log. */
  fedBy(feed: 'bus' | 'log'): void {
    this.#feed = feed
  }

  active(active: boolean): void {
    this.#active = active
  }

  /** Why it does not even try: what there is was made by another program. */
  waitsFor(reason: string | undefined): void {
    this.#waitsFor = reason
  }

  progressed(): void {
    this.#failures = 0
  }

  failed({ message }: Error): void {
    this.#failedAt = this.#now()
    if (this.#failures++ === 0) this.#failingSince = this.#failedAt
    this.#lastError = message
  }

  /** @throws if the store does not answer, or if the projector fails again and again and the projection stands still */
  async tell(): Promise<string> {
    const checkpoint = await this.#store.checkpoint()
    if (this.#waitsFor !== undefined) return this.#waitsFor
    if (this.#failures > 0 && (await this.#isMoving(checkpoint))) this.#failures = 0
    this.#seen = checkpoint
    const failing = this.#failures > 0 && this.#now() - this.#failingSince >= FAILING_MS
    if (failing || this.#failures >= FAILURES)
      throw new Error(`the projection stands still at position ${checkpoint}: ${this.#lastError}`)
    return this.#active
      ? `active at position ${checkpoint}, fed by ${this.#fedBy()}`
      : `standby, the projection is at position ${checkpoint}`
  }

  /** Where nothing happens, nobody notices that the bus is away. */
  #fedBy(): string {
    if (this.#feed === 'log') return 'the log itself'
    try {
      this.#bus.mustBeConnected()
      return 'the bus'
    } catch {
      return 'the log itself as soon as anything happens: the bus is away'
    }
  }

  /** Whoever moves it on: for a standby it is enough that another one does. */
  async #isMoving(checkpoint: Position): Promise<boolean> {
    if (this.#seen !== undefined && checkpoint > this.#seen) return true
    const quiet = this.#active || this.#now() - this.#failedAt >= QUIET_MS
    // One that has come further than the log is not there: it belongs to another.
    return quiet && checkpoint === (await this.#log.head())
  }
}
