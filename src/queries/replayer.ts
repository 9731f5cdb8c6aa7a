import { Worker } from 'node:worker_threads'
import { Problem } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import type { ReplayMessage, ReplayRequest } from './replay-worker.ts'

export interface ReplayerOptions {
  readonly log: Pick<EventLog, 'head'>
  /** How the thread reaches the log. */
  readonly databaseUrl: string
  /** A longer log is not replayed for a reader. */
  readonly maxEvents: bigint
  /** A replay that takes longer is given up. */
  readonly deadlineMs: number
  readonly onProgress?: (events: number) => void
}

type Aggregates = ReadonlyMap<string, PollAggregate>

/**
 * Full replays for readers: each question is computed once however many ask it at the same time (single-flight), one
 * question at a time, in a thread, up to a limit; beyond it REPLAY_BUSY.
 */
export class Replayer {
  readonly #options: ReplayerOptions
  #running: { readonly question: string; readonly answer: Promise<Aggregates> } | undefined
  #worker: Worker | undefined

  constructor(options: ReplayerOptions) {
    this.#options = options
  }

  /** The aggregates of every poll. @throws {Problem} REPLAY_BUSY, POSITION_NOT_FOUND, RESULTS_UNAVAILABLE */
  async replay(past: Pick<ReplayRequest, 'upTo' | 'asOf'>): Promise<Aggregates> {
    const head = await this.#head()
    if (past.upTo !== undefined && past.upTo > head)
      throw new Problem('POSITION_NOT_FOUND', { detail: `The newest position is ${head}.` })
    const question = JSON.stringify({ upTo: String(past.upTo ?? 'head'), asOf: past.asOf })
    if (this.#running?.question === question) return await this.#running.answer
    if (this.#running) throw busy('Another question about the past is being answered.')
    if (head > this.#options.maxEvents) throw busy(`${head} events are too many to recompute while you wait.`)
    const answer = this.#run({ databaseUrl: this.#options.databaseUrl, ...past }).finally(() => {
      this.#running = undefined
    })
    this.#running = { question, answer }
    return await answer
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #head() {
    return this.#options.log.head().catch((cause: unknown) => {
      throw new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause })
    })
  }

  #run(request: ReplayRequest): Promise<Aggregates> {
    const worker = new Worker(new URL('replay-worker.ts', import.meta.url), { workerData: request })
    this.#worker = worker
    return new Promise<Aggregates>((resolve, reject) => {
      const fail = (cause: unknown) => reject(new Problem('RESULTS_UNAVAILABLE', { retryAfter: 5, cause }))
      const timer = setTimeout(
        () => reject(busy('It took too long to recompute the results.')),
        this.#options.deadlineMs,
      )
      worker.on('message', (message: ReplayMessage) => {
        if ('events' in message) this.#options.onProgress?.(message.events)
        else resolve(new Map(message.polls.map((poll) => [poll.definition.poll, poll])))
      })
      worker.once('error', fail)
      worker.once('exit', () => {
        clearTimeout(timer)
        fail(new Error('the replay ended without an answer'))
      })
    }).finally(() => worker.terminate())
  }
}

const busy = (detail: string): Problem => new Problem('REPLAY_BUSY', { detail, retryAfter: 10 })
