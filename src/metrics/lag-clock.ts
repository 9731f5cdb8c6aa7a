interface Seen {
  readonly head: bigint
  readonly at: number
}

/** So many moments are remembered; of what is older than the oldest, only that it is older is known. */
const REMEMBERED = 1000

/**
 * For how long a follower has been behind, told from looking now and then where the one in front and the follower are:
 * nothing has to be read for it. It is exact to the time between two looks, and knows nothing of before the first one.
 */
export class LagClock {
  readonly #now: () => number
  /** Where the one in front was, when it was first seen there; oldest first. */
  #seen: Seen[] = []

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** @returns seconds since the one in front was first seen further than the follower is now; 0 if it is not further */
  look(head: bigint, follower: bigint): number {
    const now = this.#now()
    // A log that was restored from a backup begins anew.
    this.#seen = this.#seen.filter((each) => each.head <= head)
    if (this.#seen.at(-1)?.head !== head) this.#seen.push({ head, at: now })
    // What the follower has passed is of no interest any more, but for the last: it tells where the next one began.
    const first = this.#seen.findIndex((each) => each.head > follower)
    if (first < 0) {
      this.#seen = this.#seen.slice(-1)
      return 0
    }
    this.#seen = thinned(this.#seen.slice(first))
    return (now - this.#seen[0]!.at) / 1000
  }
}

/** Keeps the oldest, and every other one of the rest. */
const thinned = (seen: Seen[]): Seen[] =>
  seen.length <= REMEMBERED ? seen : seen.filter((_, index) => index % 2 === 0 || index === seen.length - 1)
