import type { PollAggregate } from './poll-aggregate.ts'

interface Newest {
  readonly rank: bigint
  /** Undefined: what stands there cannot be read. */
  readonly aggregate: PollAggregate | undefined
}

/**
 * The newest snapshot of each poll that this process has had in its hands, from whatever tier. Its reader never goes
 * back behind it, and gets the same object for the same rank: what is computed of it is kept for each object.
 */
export class NewestSnapshots {
  readonly #newest = new Map<string, Newest>()

  /** Does this rank (`rankOf`) come before one that has been served? */
  isOutdated(poll: string, rank: bigint): boolean {
    const newest = this.#newest.get(poll)
    return newest !== undefined && rank < newest.rank
  }

  /** Of the newest; 0 if nothing is known of the poll. */
  rank(poll: string): bigint {
    return this.#newest.get(poll)?.rank ?? 0n
  }

  /** Does this rank come after everything that is known of the poll, if anything is? */
  isNewer(poll: string, rank: bigint): boolean {
    const newest = this.#newest.get(poll)
    return newest === undefined || rank > newest.rank
  }

  /** What is known to be of this rank; undefined if nothing is known. */
  at(poll: string, rank: bigint): Newest | undefined {
    const newest = this.#newest.get(poll)
    return newest?.rank === rank ? newest : undefined
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
  note(poll: string, rank: bigint, aggregate: PollAggregate | undefined): void {
    if (this.isOutdated(poll, rank) || this.at(poll, rank)?.aggregate) return
    this.#newest.set(poll, { rank, aggregate })
  }
}
