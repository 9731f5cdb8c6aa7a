import { closePoll } from '../../../commands/close-poll.ts'
import type { CommandContext } from '../../../commands/handler.ts'
import { openPoll, signedContext } from '../../../commands/open-poll.ts'
import type { PollCatalogue } from '../../../commands/poll-catalogue.ts'
import { reopenPoll } from '../../../commands/reopen-poll.ts'
import type { PollDefinition } from '../../../events/poll-events.ts'
import type { PollSummary, ResultsQuery } from '../../../queries/results.ts'

/** What operators do with polls, each act with their label. */
export interface PollOperations {
  /** Every poll, in the order of opening, as open or closed as it is just now. @throws {Problem} RESULTS_UNAVAILABLE */
  list(): Promise<readonly PollSummary[]>
  /** @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
  get(poll: string): Promise<PollSummary>
  /** @throws {Problem} POLL_EXISTS, EVENT_LOG_UNAVAILABLE */
  open(definition: PollDefinition, by: string): Promise<void>
  /** @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
  close(poll: string, by: string): Promise<void>
  /** @throws {Problem} POLL_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
  reopen(poll: string, by: string): Promise<void>
}

/** Polls by way of their commands. */
export class CommandedPolls implements PollOperations {
  readonly #commands: CommandContext & { readonly polls: PollCatalogue }
  readonly #results: Pick<ResultsQuery, 'polls'>

  constructor(commands: CommandContext & { polls: PollCatalogue }, results: Pick<ResultsQuery, 'polls'>) {
    this.#commands = commands
    this.#results = results
  }

  async list(): Promise<readonly PollSummary[]> {
    const known = await this.#results.polls()
    // The log knows at once who was closed; without it, the read side is better than nothing.
    return await Promise.all(known.map((poll) => this.get(poll.definition.poll).catch(() => poll)))
  }

  get(poll: string): Promise<PollSummary> {
    this.#commands.polls.forget(poll)
    return this.#commands.polls.get(poll)
  }

  async open(definition: PollDefinition, by: string): Promise<void> {
    await openPoll(signedContext(this.#commands, by), definition)
    this.#commands.polls.forget(definition.poll)
  }

  async close(poll: string, by: string): Promise<void> {
    await closePoll(this.#commands, poll, by)
    this.#commands.polls.forget(poll)
  }

  async reopen(poll: string, by: string): Promise<void> {
    await reopenPoll(this.#commands, poll, by)
    this.#commands.polls.forget(poll)
  }
}
