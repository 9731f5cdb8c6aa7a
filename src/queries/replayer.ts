import { DeadlineExceeded } from '../deadline.ts'
import { Problem } from '../errors.ts'
import type { EventLog, Position } from '../events/event-log.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import type { ReplayWorkerData, WholeQuestion } from './replay-jobs.ts'
import { ReplayThread } from './replay-thread.ts'

export type Aggregates = ReadonlyMap<string, PollAggregate>

export interface ReplayerOptions {
  readonly log: Pick<EventLog, 'head'>
  /** How the thread reaches the log. */
  readonly source: ReplayWorkerData
  /** A longer log is not replayed for a reader. */
  readonly maxEvents: bigint
  /** How far apart the positions of two events are; 1 if left out, as in PostgreSQL. */
  readonly positionsPerEvent?: bigint
  /** A replay that takes longer is given up. */
  readonly deadlineMs: number
  readonly onProgress?: ((events: number) => void) | undefined
}

/**
 * Full replays of the log alone: each question is computed once however many ask it at the same time (single-flight), one
 * question at a time, in a thread, up to a limit; beyond it REPLAY_BUSY.
 */
export class Replayer {
  readonly #options: ReplayerOptions
  readonly #thread: ReplayThread
  #running: { readonly question: string; readonly answer: Promise<Aggregates> } | undefined

  constructor(options: ReplayerOptions) {
    this.#options = options
    this.#thread = new ReplayThread(options.source)
  }

  /** The aggregates of every poll. @throws {Problem} REPLAY_BUSY, POSITION_NOT_FOUND, RESULTS_UNAVAILABLE */
  async replay(past: WholeQuestion): Promise<Aggregates> {
    const head = await this.#head()
    if (past.upTo !== undefined && past.upTo > head)
      throw new Problem('POSITION_NOT_FOUND', {
        detail: `The newest position is ${head}.`,
        facts: { newest: String(head) },
      })
    const question = `${past.upTo ?? 'head'} ${past.asOf}`
    if (this.#running?.question === question) return await this.#running.answer
    if (this.#running) throw busy('Another replay is under way.')
    const { maxEvents, positionsPerEvent = 1n } = this.#options
    const events = head / positionsPerEvent
    if (events > maxEvents) throw busy(`${events} events are too many to recompute while you wait.`)
    const answer = this.#run(past).finally(() => {
      this.#running = undefined
    })
    this.#running = { question, answer }
    return await answer
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  #head(): Promise<Position> {
    return this.#options.log.head().catch((cause: unknown) => {
      throw unavailable(cause)
    })
  }

  async #run(question: WholeQuestion): Promise<Aggregates> {
    const { deadlineMs, onProgress } = this.#options
    const asking = this.#thread.ask('whole', question, { deadlineMs, onProgress })
    const polls = await asking.catch((cause: unknown) => {
      throw cause instanceof DeadlineExceeded
        ? busy('It took too long to recompute the results.')
        : unavailable(cause)
    })
    return new Map(polls.map((poll) => [poll.definition.poll, poll]))
  }
}

const busy = (detail: string): Problem => new Problem('REPLAY_BUSY', { detail, retryAfter: 10 })
const unavailable = (cause: unknown): Problem => new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })
