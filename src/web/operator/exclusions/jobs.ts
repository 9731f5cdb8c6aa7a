import type { ExclusionEffect } from '../../../commands/exclusions.ts'
import { toProblem } from '../../to-problem.ts'
import type { ExclusionAsked } from './exclusion-form.ts'

/** How far a piece of long work is. */
type JobState =
  | { readonly status: 'running'; readonly done: number; readonly of: number }
  | { readonly status: 'done'; readonly effect: ExclusionEffect }
  | { readonly status: 'stopped'; readonly done: number; readonly of: number }
  | { readonly status: 'failed'; readonly because: string }

export interface Job {
  readonly id: string
  readonly asked: ExclusionAsked
  readonly by: string
  readonly startedAt: Date
  readonly state: JobState
}

type Work = (signal: AbortSignal, onProgress: (done: number, of: number) => void) => Promise<ExclusionEffect>

const REMEMBERED = 50
const STOPPING_MS = 2000

/**
 * Long work that goes on in this web process while its operator looks elsewhere. If the process ends it stops; asked
 * for again, it goes on: what is done is not done twice.
 */
export class Jobs {
  readonly #jobs = new Map<
    string,
    { job: Job; readonly stop: AbortController; readonly ended: Promise<void> }
  >()
  readonly #log: (error: unknown, request: string) => void

  /** @param log told of work that failed, with the number that its operator is given */
  constructor(log: (error: unknown, request: string) => void) {
    this.#log = log
  }

  start(job: Omit<Job, 'state'>, work: Work): void {
    const stop = new AbortController()
    const entry = {
      job: { ...job, state: { status: 'running', done: 0, of: 0 } as JobState },
      stop,
      ended: Promise.resolve(),
    }
    this.#jobs.set(job.id, entry)
    const moveTo = (state: JobState) => {
      entry.job = { ...entry.job, state }
    }
    const progress = () => {
      const { state } = entry.job
      return state.status === 'running' ? state : { done: 0, of: 0 }
    }
    entry.ended = work(stop.signal, (done, of) => moveTo({ status: 'running', done, of })).then(
      (effect) => moveTo({ status: 'done', effect }),
      (error: unknown) => {
        const { done, of } = progress()
        if (stop.signal.aborted) return moveTo({ status: 'stopped', done, of })
        const number = job.id.slice(0, 8)
        this.#log(error, number)
        moveTo({ status: 'failed', because: toProblem(error, number).message })
      },
    )
    this.#forgetOld()
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id)?.job
  }

  /** The newest first. */
  get all(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse()
  }

  stop(id: string): void {
    this.#jobs.get(id)?.stop.abort()
  }

  /** Stops everything, and waits a little for it. */
  async close(): Promise<void> {
    for (const { stop } of this.#jobs.values()) stop.abort()
    const ended = Promise.all([...this.#jobs.values()].map(({ ended }) => ended))
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOPPING_MS)
    })
    await Promise.race([ended, patience])
    clearTimeout(timer)
  }

  #forgetOld(): void {
    for (const [id, { job }] of this.#jobs)
      if (this.#jobs.size > REMEMBERED && job.state.status !== 'running') this.#jobs.delete(id)
  }
}
