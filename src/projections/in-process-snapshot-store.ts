import { type PollAggregate, rankOf } from './poll-aggregate.ts'
import type { PutOptions, SnapshotStore } from './snapshot-store.ts'

interface Entry {
  readonly aggregate: PollAggregate
  /** When it is to be forgotten, milliseconds of the clock; Infinity for never. */
  readonly expiresAt: number
}

/** Snapshots in this process's memory. */
export class InProcessSnapshotStore implements SnapshotStore {
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<(aggregate: PollAggregate) => void>()
  readonly #now: () => number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  async get(poll: string): Promise<PollAggregate | undefined> {
    return this.#fresh(poll)?.aggregate
  }

  async last(poll: string): Promise<PollAggregate | undefined> {
    return this.#entries.get(poll)?.aggregate
  }

  async put(
    aggregate: PollAggregate,
    { ttlMs = Number.POSITIVE_INFINITY }: PutOptions = {},
  ): Promise<boolean> {
    const { poll } = aggregate.definition
    const known = this.#fresh(poll)
    const entry = { aggregate, expiresAt: this.#now() + ttlMs }
    if (known && !replaces(entry, known)) return false
    this.#entries.set(poll, entry)
    for (const listener of this.#listeners) listener(aggregate)
    return true
  }

  /** Nobody else can keep them up to date: from now on they are only `last`. */
  abandon(): void {
    for (const [poll, { aggregate }] of this.#entries) this.#entries.set(poll, { aggregate, expiresAt: 0 })
  }

  onChange(listener: (aggregate: PollAggregate) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#entries.clear()
  }

  #fresh(poll: string): Entry | undefined {
    const entry = this.#entries.get(poll)
    return entry && this.#now() < entry.expiresAt ? entry : undefined
  }
}

/** A newer one, or the same one for longer. */
function replaces(entry: Entry, known: Entry): boolean {
  const [rank, before] = [rankOf(entry.aggregate), rankOf(known.aggregate)]
  return rank > before || (rank === before && entry.expiresAt > known.expiresAt)
}
