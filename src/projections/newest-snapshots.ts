import type { PollAggregate } from './poll-aggregate.ts'

interface Newest {
  readonly position: bigint
  /** Undefined: what stands there cannot be read. */
  readonly aggregate: PollAggregate | undefined
}

/**
 * The newest snapshot of each poll that this process has had in its hands, from whatever tier. Its reader never goes
 * back behind it, and gets the same object for the same position: what is computed of it is kept for each object.
 */
export class NewestSnapshots {
  readonly #newest = new Map<string, Newest>()

  /** Is this position before one that has been served? */
  isOutdated(poll: string, position: bigint): boolean {
    const newest = this.#newest.get(poll)
    return newest !== undefined && position < newest.position
  }

  /** Is this position behind everything that is known of the poll, if anything is? */
  isNewer(poll: string, position: bigint): boolean {
    const newest = this.#newest.get(poll)
    return newest === undefined || position > newest.position
  }

  /** What is known to stand at this position; undefined if nothing is known. */
  at(poll: string, position: bigint): Newest | undefined {
    const newest = this.#newest.get(poll)
    return newest?.position === position ? newest : undefined
  }

  /** The newest that can be read, whether or not it stands anywhere. */
  last(poll: string): PollAggregate | undefined {
    return this.#newest.get(poll)?.aggregate
  }

  /** The newest of every poll that can be read. */
  all(): PollAggregate[] {
    return [...this.#newest.values()].flatMap(({ aggregate }) => aggregate ?? [])
  }

  /** Remembers it, unless a newer one or the same is known. */
  note(poll: string, position: bigint, aggregate: PollAggregate | undefined): void {
    if (this.isOutdated(poll, position) || this.at(poll, position)?.aggregate) return
    this.#newest.set(poll, { position, aggregate })
  }
}
