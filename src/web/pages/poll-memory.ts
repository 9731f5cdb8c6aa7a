import { Problem } from '../../errors.ts'
import type { PollSummary } from '../../queries/results.ts'
import type { WebContext } from '../context.ts'

/**
 * The polls that pages have shown. What a poll asks never changes, so it is remembered: when everything behind is
 * away, the form can still be shown with what the person entered.
 */
export class PollMemory {
  readonly #context: WebContext
  readonly #known = new Map<string, PollSummary>()

  constructor(context: WebContext) {
    this.#context = context
  }

  /** @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE (and the poll has never been seen) */
  async get(poll: string): Promise<PollSummary> {
    try {
      const summary = await this.#context.results.poll(poll)
      this.#known.set(poll, summary)
      return summary
    } catch (error) {
      if (error instanceof Problem && error.code === 'POLL_NOT_FOUND') throw error
      return this.#known.get(poll) ?? (await this.#context.commands.polls.get(poll))
    }
  }
}
