import type { AppendOutcome, EventLog, NewEvent, ReadAllOptions, SubscribeOptions } from './event-log.ts'
import { WrongExpectedRevision } from './event-log.ts'

/** Who wants to know how appends fare. */
export interface AppendWatcher {
  /** @param ms until it was durable */
  appended(events: readonly NewEvent[], ms: number): void
  /** The log could not take it, or not in time. */
  appendFailed(): void
}

/** A log whose appends are timed. */
export class TimedEventLog implements EventLog {
  readonly #log: EventLog
  readonly #watcher: AppendWatcher

  constructor(log: EventLog, watcher: AppendWatcher) {
    this.#log = log
    this.#watcher = watcher
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expectedRevision: number,
  ): Promise<AppendOutcome> {
    const started = performance.now()
    try {
      const outcome = await this.#log.append(stream, events, expectedRevision)
      if (!outcome.repeated) this.#watcher.appended(events, performance.now() - started)
      return outcome
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) this.#watcher.appendFailed()
      throw error
    }
  }

  readStream(stream: string) {
    return this.#log.readStream(stream)
  }

  readAll(options: ReadAllOptions) {
    return this.#log.readAll(options)
  }

  subscribe(options: SubscribeOptions) {
    return this.#log.subscribe(options)
  }

  head() {
    return this.#log.head()
  }

  close() {
    return this.#log.close()
  }
}
