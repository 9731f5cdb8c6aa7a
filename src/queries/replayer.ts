import { DeadlineExceeded } from '../deadline.ts'
import { Problem } from '../errors.ts'
import type { EventLog, Position } from '../events/event-log.ts'
import { type Aggregates, ReplayThread } from './replay-thread.ts'
import type { ReplayRequest, ReplayWorkerData } from './replay-worker.ts'

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
  readonly onProgress?: (events: number) => void
}

/**
 * Full replays for readers: each question is computed once however many ask it at the same time (single-flight), one
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
  async replay(past: ReplayRequest): Promise<Aggregates> {
    const head = await this.#head()
    if (past.upTo !== undefined && past.upTo > head)
      throw new Problem('POSITION_NOT_FOUND', { detail: `The newest position is ${head}.` })
    const question = `${past.upTo ?? 'head'} ${past.asOf}`
    if (this.#running?.question === question) return await this.#running.answer
    if (this.#running) throw busy('Another question about the past is being answered.')
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

  #run(request: ReplayRequest): Promise<Aggregates> {
    const { deadlineMs, onProgress } = this.#options
    return this.#thread.ask(request, deadlineMs, onProgress).catch((cause: unknown) => {
      throw cause instanceof DeadlineExceeded
        ? busy('It took too long to recompute the results.')
        : unavailable(cause)
    })
  }
}

const busy = (detail: string): Problem => new Problem('REPLAY_BUSY', { detail, retryAfter: 10 })
const unavailable = (cause: unknown): Problem => new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })
