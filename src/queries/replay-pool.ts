import type { AskOptions } from '../threads/asked-thread.ts'
import type { ReplayJob, ReplayJobs, ReplayWorkerData } from './replay-jobs.ts'
import { ReplayThread } from './replay-thread.ts'

/** More questions wait already than can be answered in good time. */
export class PoolFull extends Error {
  override readonly name = 'PoolFull'
}

export interface PoolOptions {
  readonly threads: number
  /** So many questions may wait for a thread. */
  readonly waiting: number
}

/** Some threads that replay, and a queue of bounded length before them. */
export class ReplayPool {
  readonly #idle: ReplayThread[]
  readonly #threads: readonly ReplayThread[]
  readonly #longest: number
  #waiting: (() => void)[] = []

  constructor(source: ReplayWorkerData, { threads, waiting }: PoolOptions) {
    this.#threads = Array.from({ length: threads }, () => new ReplayThread(source))
    this.#idle = [...this.#threads]
    this.#longest = waiting
  }

  /** @throws {PoolFull} @throws as `ReplayThread.ask`; the deadline begins when its turn has come */
  async ask<Job extends ReplayJob>(
    job: Job,
    question: ReplayJobs[Job]['question'],
    options: AskOptions,
  ): Promise<ReplayJobs[Job]['answer']> {
    const thread = this.#idle.pop() ?? (await this.#turn(options.signal))
    try {
      return await thread.ask(job, question, options)
    } finally {
      this.#idle.push(thread)
      this.#waiting.shift()?.()
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  async #turn(signal: AbortSignal | undefined): Promise<ReplayThread> {
    if (this.#waiting.length >= this.#longest) throw new PoolFull(`${this.#waiting.length} wait already`)
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== wake)
        reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.push(wake)
      signal?.addEventListener('abort', leave, { once: true })
    })
    return this.#idle.pop() ?? (await this.#turn(signal))
  }
}
