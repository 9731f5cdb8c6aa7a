import { withDeadline } from '../../deadline.ts'
import { Problem } from '../../errors.ts'
import { CircuitBreaker } from '../../queries/circuit-breaker.ts'
import type { PollSummary } from '../../queries/results.ts'
import type { WebContext } from '../context.ts'

/** A form should not wait for a log that does not answer: sending it will tell. */
const DEADLINE_MS = 1000

/**
 * The polls that pages have shown. They come from the write side, which knows at once that a poll was opened or
 * closed. What a poll asks never changes, so it is remembered: when everything behind is away, the form can still be
 * shown with what the person entered.
 */
export class PollMemory {
  readonly #context: WebContext
  readonly #known = new Map<string, PollSummary>()
  readonly #breaker = new CircuitBreaker('event log')

  constructor(context: WebContext) {
    this.#context = context
  }

  /** @throws {Problem} POLL_NOT_FOUND; RESULTS_UNAVAILABLE if the poll has never been seen */
  async get(poll: string): Promise<PollSummary> {
    const read = await this.#breaker.run(() => this.#read(poll)).catch(() => undefined)
    if (read instanceof Problem) throw read
    if (read) this.#known.set(poll, read)
    return read ?? this.#known.get(poll) ?? (await this.#context.results.poll(poll))
  }

  /** That there is no such poll is an answer, too. */
  #read(poll: string): Promise<PollSummary | Problem> {
    const asked = async () => await this.#context.commands.polls.get(poll)
    const answer = asked().catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'POLL_NOT_FOUND') return error
      throw error
    })
    return withDeadline(DEADLINE_MS, 'event log', answer)
  }
}
