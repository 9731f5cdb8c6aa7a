import { rankOf } from '../../projections/poll-aggregate.ts'
import type { Answer, ResultsQuery } from '../../queries/results.ts'

/** So old may an answer be. Nobody can tell: the answer itself may be kept for seconds. */
const MAX_AGE_MS = 10

interface Entry {
  readonly askedAt: number
  readonly atLeast: bigint
  readonly answer: Promise<Answer>
}

/**
 * Today's results, asked for once in ten milliseconds however many want them: the deadlines of the tiers cost more
 * than all the rest of answering from a snapshot, and a store in the network should not be asked for every request.
 */
export class RecentAnswers {
  readonly #results: ResultsQuery
  readonly #entries = new Map<string, Entry>()

  constructor(results: ResultsQuery) {
    this.#results = results
  }

  /**
   * @param now milliseconds of a clock that never goes back
   * @param atLeast a rank (`rankOf`) that the asker has seen already
   * @throws as `ResultsQuery.results`
   */
  get(poll: string, now: number, atLeast = 0n): Promise<Answer> {
    const known = this.#fresh(poll, now)
    if (!known) return this.#ask(poll, now, atLeast)
    return known.atLeast >= atLeast ? known.answer : this.#ifNewEnough(known, poll, now, atLeast)
  }

  /** Who claims to have seen more than there is has it looked up, and once for all who do. */
  async #ifNewEnough(known: Entry, poll: string, now: number, atLeast: bigint): Promise<Answer> {
    const answer = await known.answer
    if (rankOf(answer.aggregate) >= atLeast) return answer
    const since = this.#fresh(poll, now)
    return since && since.atLeast >= atLeast ? await since.answer : await this.#ask(poll, now, atLeast)
  }

  #fresh(poll: string, now: number): Entry | undefined {
    const known = this.#entries.get(poll)
    return known && now - known.askedAt < MAX_AGE_MS ? known : undefined
  }

  #ask(poll: string, now: number, atLeast: bigint): Promise<Answer> {
    const answer = this.#results.results(poll, { atLeast })
    const entry = { askedAt: now, atLeast, answer }
    this.#entries.set(poll, entry)
    // A failure is shared by those who wait for it, and not kept: names that lead nowhere must not pile up.
    answer.catch(() => {
      if (this.#entries.get(poll) === entry) this.#entries.delete(poll)
    })
    return answer
  }
}
