import { Worker } from 'node:worker_threads'
import { withDeadline } from '../deadline.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import type { ReplayMessage, ReplayRequest, ReplayWorkerData } from './replay-worker.ts'

export type Aggregates = ReadonlyMap<string, PollAggregate>

/** A thread that nobody asks for so long is ended. */
const IDLE_MS = 30_000

/** The thread that replays, started when it is first needed. One question at a time. */
export class ReplayThread {
  readonly #data: ReplayWorkerData
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #answer: (message: ReplayMessage) => void = () => {}

  constructor(data: ReplayWorkerData) {
    this.#data = data
  }

  /**
   * The aggregates of every poll.
   * @throws {DeadlineExceeded} after `deadlineMs`; the thread is ended then
   * @throws whatever went wrong in the thread
   */
  async ask(
    request: ReplayRequest,
    deadlineMs: number,
    onProgress?: (events: number) => void,
  ): Promise<Aggregates> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const answer = new Promise<Aggregates>((resolve, reject) => {
      this.#answer = (message) => {
        if ('events' in message) onProgress?.(message.events)
        else if ('error' in message) reject(new Error(message.error))
        else resolve(new Map(message.polls.map((poll) => [poll.definition.poll, poll])))
      }
    })
    this.#worker.postMessage(request)
    try {
      return await withDeadline(deadlineMs, 'the replay', answer)
    } catch (error) {
      await this.close()
      throw error
    } finally {
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('replay-worker.ts', import.meta.url), { workerData: this.#data })
    // A thread that was given up must not answer the next question.
    const answer = (message: ReplayMessage) => this.#worker === worker && this.#answer(message)
    worker.on('message', answer)
    worker.on('error', (error: Error) => answer({ error: error.message }))
    worker.on('exit', () => {
      answer({ error: 'the replay ended without an answer' })
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
