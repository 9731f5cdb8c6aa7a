import type { Answer, ResultsQuery } from '../../queries/results.ts'

/** So old may an answer be. Nobody can tell: the answer itself may be kept for seconds. */
const MAX_AGE_MS = 10

interface Entry {
  readonly askedAt: number
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

  /** @param now milliseconds of a clock that never goes back. Throws as `ResultsQuery.results` does */
  get(poll: string, now: number): Promise<Answer> {
    const known = this.#entries.get(poll)
    if (known && now - known.askedAt < MAX_AGE_MS) return known.answer
    const answer = this.#results.results(poll)
    const entry = { askedAt: now, answer }
    this.#entries.set(poll, entry)
    // A failure is shared by those who wait for it, and not kept: names that lead nowhere must not pile up.
    answer.catch(() => {
      if (this.#entries.get(poll) === entry) this.#entries.delete(poll)
    })
    return answer
  }
}
