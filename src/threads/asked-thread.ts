import { type ResourceLimits, Worker } from 'node:worker_threads'
import { withDeadline } from '../deadline.ts'
import { type Jobs, STOP, type ThreadMessage } from './messages.ts'

/** A thread that nobody asks for so long is ended. */
const IDLE_MS = 30_000

export interface AskOptions {
  /** It is given up after this time. */
  readonly deadlineMs: number
  /** Breaks it off. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((events: number, of?: number) => void) | undefined
  /** Told of what did not stop it. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** What went wrong in the thread, under the name that it had there. */
class ThreadFailed extends Error {
  override readonly name: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

/** A thread that does one kind of work, started when it is first needed. One question at a time. */
export class AskedThread<All extends Jobs<Extract<keyof All, string>>> {
  readonly #url: URL
  readonly #data: object
  /** What it does, for who waits too long. */
  readonly #what: string
  readonly #limits: ResourceLimits
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #hear: (message: ThreadMessage) => void = () => {}

  /** @param url the file that runs in the thread; @param data what it is started with; @param limits of its heap */
  constructor(url: URL, data: object, what: string, limits: ResourceLimits = {}) {
    this.#url = url
    this.#data = data
    this.#what = what
    this.#limits = limits
  }

  /**
   * @throws {DeadlineExceeded} after `deadlineMs`; the thread is ended then
   * @throws {ThreadFailed} whatever went wrong in the thread
   * @throws the signal's reason
   */
  async ask<Job extends keyof All>(
    job: Job,
    question: All[Job]['question'],
    { deadlineMs, signal, onProgress, onWarning }: AskOptions,
  ): Promise<All[Job]['answer']> {
    signal?.throwIfAborted()
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    const answer = new Promise<All[Job]['answer']>((resolve, reject) => {
      this.#hear = (message) => {
        if ('events' in message) onProgress?.(message.events, message.of)
        else if ('warning' in message) onWarning?.(message.warning)
        else if ('error' in message) reject(new ThreadFailed(message.name, message.error))
        else resolve(message.answer as All[Job]['answer'])
      }
    })
    const stop = () => worker.postMessage(STOP)
    signal?.addEventListener('abort', stop, { once: true })
    worker.postMessage({ job, question })
    try {
      return await withDeadline(deadlineMs, this.#what, answer)
    } catch (error) {
      // One that was broken off, or is not able to, can be asked again.
      if (!(error instanceof ThreadFailed)) await this.close()
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
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
    const worker = new Worker(this.#url, { workerData: this.#data, resourceLimits: this.#limits })
    // A thread that was given up must not answer the next question.
    const hear = (message: ThreadMessage) => this.#worker === worker && this.#hear(message)
    worker.on('message', hear)
    worker.on('error', (error: Error) => hear({ error: error.message, name: error.name }))
    worker.on('exit', () => {
      hear({ error: `${this.#what} ended without an answer`, name: 'Error' })
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
