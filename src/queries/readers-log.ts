import { DeadlineExceeded, withDeadline } from '../deadline.ts'
import { type EventLog, EventLogUnavailable, type RecordedEvent } from '../events/event-log.ts'
import { BreakerOpen, CircuitBreaker } from './circuit-breaker.ts'

const DEADLINE_MS = 2000

/**
 * The log as readers ask it: while it is dead or silent they are told so at once. Commands ask the log itself, which
 * has more patience.
 */
export class ReadersLog implements Pick<EventLog, 'readStream'> {
  readonly #log: Pick<EventLog, 'readStream'>
  readonly #breaker = new CircuitBreaker('event log')

  constructor(log: Pick<EventLog, 'readStream'>) {
    this.#log = log
  }

  /** Whether it is left alone, because it failed lately. */
  get isLeftAlone(): boolean {
    return this.#breaker.isOpen
  }

  /** @throws {EventLogUnavailable} */
  async readStream(stream: string): Promise<RecordedEvent[]> {
    try {
      return await this.#breaker.run(() =>
        withDeadline(DEADLINE_MS, 'event log', this.#log.readStream(stream)),
      )
    } catch (cause) {
      if (cause instanceof BreakerOpen || cause instanceof DeadlineExceeded)
        throw new EventLogUnavailable(cause.message, { cause })
      throw cause
    }
  }
}
