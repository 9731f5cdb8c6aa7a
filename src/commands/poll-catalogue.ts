import { Problem } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
import { type PollDefinition, PollSlug, pollStream } from '../events/poll-events.ts'
import { load } from './handler.ts'
import { evolvePoll, noPoll, type PollState } from './poll-state.ts'

export interface CataloguedPoll {
  readonly definition: PollDefinition
  readonly status: 'open' | 'closed'
}

/**
 * For so long, milliseconds, a poll's state may be remembered. A process that hears of new snapshots forgets sooner;
 * one that does not obeys another's closing within this time.
 */
export const POLL_MEMORY_MS = 1000

interface Entry {
  readonly readAt: number
  readonly state: Promise<PollState>
}

/**
 * Polls as the write side sees them, straight from their streams, remembered for a second: a submission must not
 * cost a read of the poll.
 */
export class PollCatalogue {
  readonly #log: EventLog
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()

  constructor(log: EventLog, now: () => number = Date.now) {
    this.#log = log
    this.#now = now
  }

  /** @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
  async get(poll: string): Promise<CataloguedPoll> {
    const state = await this.#state(poll)
    if (state.status === 'none') throw pollNotFound(poll)
    return state
  }

  /** Forgets what it remembers of `poll`: the next `get` reads its stream. */
  forget(poll: string): void {
    this.#entries.delete(poll)
  }

  /** Forgets a poll whose state has changed, as somebody has learnt elsewhere. */
  changed(poll: string, status: 'open' | 'closed'): void {
    const known = this.#entries.get(poll)
    known?.state.then(
      (state) => state.status !== status && this.#entries.get(poll) === known && this.forget(poll),
      () => {},
    )
  }

  #state(poll: string): Promise<PollState> {
    const known = this.#entries.get(poll)
    if (known && this.#now() - known.readAt < POLL_MEMORY_MS) return known.state
    if (!PollSlug.safeParse(poll).success) throw pollNotFound(poll)
    const state = load(this.#log, pollStream(poll), evolvePoll, noPoll).then((loaded) => loaded.state)
    this.#entries.set(poll, { readAt: this.#now(), state })
    // Names that lead nowhere are not kept: anybody can ask for any number of them.
    state.then(
      ({ status }) => status === 'none' && this.forget(poll),
      () => this.forget(poll),
    )
    return state
  }
}

const pollNotFound = (poll: string): Problem =>
  new Problem('POLL_NOT_FOUND', { detail: `There is no poll called ${poll.slice(0, 64)}.` })
