import { setTimeout as sleep } from 'node:timers/promises'
import { type EventLog, EventLogUnavailable } from './event-log.ts'
import { holds, type LogMarks, type Marked } from './log-marks.ts'

export interface LogGuardOptions {
  readonly log: Pick<EventLog, 'head'>
  /** Undefined: nothing can be told. */
  readonly marks: LogMarks | undefined
  /** Told once, in a sentence, that the log has gone back: whatever this process remembers may be of what is gone. */
  readonly onWentBack: (sentence: string) => void
  readonly everyMs?: number
}

const LOOK_EVERY_MS = 1000

/** Notices that the log under this process was put back to an older state, also where it has grown again since. */
export class LogGuard {
  readonly #options: LogGuardOptions
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #last: Marked | undefined
  #wentBack: string | undefined
  #found: string | undefined

  constructor(options: LogGuardOptions) {
    this.#options = options
  }

  /** Begins to look, every second or so. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** What was found elsewhere that is not of this log: told in /readyz from then on. */
  readonly found = (sentence: string): void => {
    this.#found = `${sentence} (found ${new Date().toISOString()}, and taken away): the log was restored from an older backup`
  }

  /** An event that this process shows something of: nothing that it has shown may be gone without its notice. */
  readonly seen = (marked: Marked): void => {
    if (marked.position > (this.#last?.position ?? -1n)) this.#last = marked
  }

  /** For /readyz. @throws while the log is away, and once it has gone back: this process must start anew then */
  readonly tell = async (): Promise<string | undefined> => {
    await this.#options.log.head()
    if (this.#wentBack !== undefined) throw new EventLogUnavailable(this.#wentBack)
    return this.#found
  }

  /** Looks once. Where the log is away it has not gone back. */
  async look(): Promise<void> {
    const { marks, onWentBack } = this.#options
    if (!marks || this.#wentBack !== undefined) return
    const known = this.#last
    if (known && !(await holds(marks, known))) {
      const last = await marks.last()
      this.#wentBack =
        `the event log has gone back: it ends at position ${last?.position ?? 0}, and does not have the event any more that ` +
        `was at position ${known.position}. It was restored from an older backup; this process forgets what it knew, and starts anew`
      return onWentBack(this.#wentBack)
    }
    const last = await marks.last()
    if (last) this.seen(last)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.look().catch(() => {})
      await sleep(this.#options.everyMs ?? LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }
}
