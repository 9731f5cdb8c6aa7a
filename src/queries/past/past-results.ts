import { LRUCache } from 'lru-cache'
import { DeadlineExceeded } from '../../deadline.ts'
import { Problem } from '../../errors.ts'
import type { EventLog, Position } from '../../events/event-log.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { PoolFull, type ReplayPool } from '../replay-pool.ts'
import { SharedWork } from './shared-work.ts'

export interface PastResultsOptions {
  readonly log: Pick<EventLog, 'head'>
  readonly pool: Pick<ReplayPool, 'ask'>
  /** More events are not replayed for a reader. */
  readonly maxEvents: bigint
  /** How far apart the positions of two events are. */
  readonly positionsPerEvent: bigint
  readonly deadlineMs: number
  readonly onProgress?: ((events: number, of?: number) => void) | undefined
  /** Told why the stored states were of no use. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** When one wants to know: a position, a time, or both: what stands up to the position and occurred up to the time. */
export interface PastMoment {
  readonly position?: Position | undefined
  /** ISO 8601. */
  readonly asOf?: string | undefined
}

/** Answers that are remembered, by the numbers that they hold: some megabytes. */
const REMEMBERED_NUMBERS = 500_000

/** For so long an answer is remembered that an operator may change. */
const PARKED_MS = 2000

interface Remembered {
  readonly upTo: Position
  readonly aggregate: PollAggregate
}

/**
 * Polls as they stood. What is asked again, at the same time or later, is computed once: the past does not change. As
 * of a time alone it may, by what is yet to be imported: then only the new events are looked at.
 */
export class PastResults {
  readonly #options: PastResultsOptions
  readonly #running = new Map<string, SharedWork<PollAggregate | undefined>>()
  readonly #remembered = new LRUCache<string, Remembered>({
    maxSize: REMEMBERED_NUMBERS,
    sizeCalculation: ({ aggregate }) =>
      aggregate.categories.reduce((size, { histogram }) => size + histogram.size, 100),
  })

  constructor(options: PastResultsOptions) {
    this.#options = options
  }

  /** What is remembered for a position; of a time alone nothing can be said without asking the log. */
  remembered(poll: string, { position, asOf }: PastMoment): PollAggregate | undefined {
    return position === undefined ? undefined : this.#remembered.get(keyOf(poll, asOf, position))?.aggregate
  }

  /**
   * The poll at a moment; the same object for the same numbers, as long as they are remembered.
   * @param signal ends the work, unless others wait for it too
   * @returns undefined if it was not there yet
   * @throws {Problem} POSITION_NOT_FOUND, REPLAY_BUSY, RESULTS_UNAVAILABLE
   */
  async at(poll: string, moment: PastMoment, signal?: AbortSignal): Promise<PollAggregate | undefined> {
    const remembered = this.remembered(poll, moment)
    if (remembered) return remembered
    const { position, asOf } = moment
    const head = await this.#options.log.head().catch((cause: unknown) => {
      throw unavailable(cause)
    })
    if (position !== undefined && position > head)
      throw new Problem('POSITION_NOT_FOUND', {
        detail: `The newest position is ${head}.`,
        facts: { newest: String(head) },
      })
    const upTo = position ?? head
    const key = keyOf(poll, asOf, upTo)
    let work = this.#running.get(key)
    if (!work || work.isAbandoned) {
      const fresh = new SharedWork((stop) =>
        this.#work(poll, { upTo, asOf, isOpen: position === undefined }, stop),
      )
      work = fresh
      this.#running.set(key, fresh)
      const forget = () => void (this.#running.get(key) === fresh && this.#running.delete(key))
      fresh.outcome.then(forget, forget)
    }
    return await work.wait(signal)
  }

  async #work(
    poll: string,
    { upTo, asOf, isOpen }: { upTo: Position; asOf: string | undefined; isOpen: boolean },
    signal: AbortSignal,
  ): Promise<PollAggregate | undefined> {
    const { pool, maxEvents, positionsPerEvent, deadlineMs, onProgress, onWarning } = this.#options
    // What is known may be from a moment later already: so much the better.
    const known = isOpen ? this.#remembered.get(keyOf(poll, asOf)) : undefined
    if (known && known.upTo >= upTo) return known.aggregate
    const question = { poll, upTo, asOf, maxEvents, positionsPerEvent, ...(known && { known }) }
    const asking = pool.ask('past', question, { deadlineMs, signal, onProgress, onWarning })
    const found = await asking.catch((error: Error) => {
      throw problemOf(error)
    })
    if (!found) return undefined
    const aggregate =
      known?.aggregate.position === found.position ? known.aggregate : notLaterThan(asOf, found)
    // What is parked may be counted after all, in the past, too.
    const options = aggregate.parked > 0 ? { ttl: PARKED_MS } : {}
    this.#remembered.set(keyOf(poll, asOf, upTo), { upTo, aggregate }, options)
    if (isOpen) this.#remembered.set(keyOf(poll, asOf), { upTo, aggregate }, options)
    return aggregate
  }
}

const keyOf = (poll: string, asOf: string | undefined, upTo?: Position): string =>
  `${poll} ${asOf ?? ''} ${upTo ?? ''}`

/** A poll may have been opened after the votes that were imported into it. */
export const notLaterThan = (asOf: string | undefined, aggregate: PollAggregate): PollAggregate =>
  asOf !== undefined && aggregate.asOf > asOf ? { ...aggregate, asOf } : aggregate

/** What is said of a moment at which a poll was not there. */
export const notYet = (poll: string, { position, asOf }: PastMoment): Problem => {
  const moments = [
    ...(position === undefined ? [] : [`at position ${position}`]),
    ...(asOf ? [`at ${asOf}`] : []),
  ]
  return new Problem('POLL_NOT_FOUND', {
    detail: `The poll ${poll} did not exist yet ${moments.join(', ')}.`,
    facts: { moment: position === undefined ? asOf! : String(position) },
  })
}

function problemOf(error: Error): Error {
  if (error instanceof PoolFull) return busy('Many other questions about the past are being answered.')
  if (error.name === 'TooManyEvents')
    return busy(`For this answer ${error.message} would have to be recomputed: too many while you wait.`)
  if (error instanceof DeadlineExceeded) return busy('It took too long to recompute the results.')
  if (error.name === 'AbortError') return error
  // What comes from another thread is its message alone; where the file should be is for the log.
  const month = /^the archive of the events of ([\d-]+),/.exec(error.message)?.[1]
  return unavailable(error, month && `The archive of the events of ${month} cannot be read.`)
}

const busy = (detail: string): Problem => new Problem('REPLAY_BUSY', { detail, retryAfter: 10 })
const unavailable = (cause: unknown, detail?: string): Problem =>
  new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause, ...(detail && { detail }) })
