import { withDeadline } from '../../deadline.ts'
import { Problem } from '../../errors.ts'
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

  constructor(context: WebContext) {
    this.#context = context
  }

  /** @throws {Problem} POLL_NOT_FOUND; RESULTS_UNAVAILABLE if the poll has never been seen */
  async get(poll: string): Promise<PollSummary> {
    const { commands, results } = this.#context
    try {
      const summary = await withDeadline(DEADLINE_MS, 'event log', commands.polls.get(poll))
      this.#known.set(poll, summary)
      return summary
    } catch (error) {
      if (error instanceof Problem && error.code === 'POLL_NOT_FOUND') throw error
      return this.#known.get(poll) ?? (await results.poll(poll))
    }
  }
}
