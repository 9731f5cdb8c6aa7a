/** Makes up for the periods of events that were projected before there were periods. */
import { type EventLog, type Position, type RecordedEvent, START } from '../../events/event-log.ts'
import { Fold } from '../fold.ts'
import type { ActivePeriods, PeriodsChange } from './active-periods.ts'

/** So many events at a time: results stand still for as long as these take. */
const EVENTS_PER_STEP = 5000

export interface PeriodBackfillOptions {
  readonly log: Pick<EventLog, 'readAll'>
  readonly periods: ActivePeriods
  readonly save: (change: PeriodsChange) => Promise<void>
}

/**
 * Folds the log once more from its start, in steps between which the projection goes on, and writes what comes after
 * the checkpoint of the periods.
 */
export class PeriodBackfill {
  readonly #options: PeriodBackfillOptions
  readonly #fold = new Fold()
  #reading: AsyncIterator<readonly RecordedEvent[]> | undefined
  #read = START

  constructor(options: PeriodBackfillOptions) {
    this.#options = options
  }

  /** Goes on a little. @param end where the projection is @returns whether the periods are there, too */
  async step(end: Position, signal: AbortSignal): Promise<boolean> {
    const { log, periods } = this.#options
    this.#reading ??= log.readAll({ after: this.#read, upTo: end, signal })[Symbol.asyncIterator]()
    for (let events = 0; events < EVENTS_PER_STEP; ) {
      const { value: batch, done } = await this.#reading.next()
      if (done) {
        this.#reading = undefined
        break
      }
      this.#apply(batch)
      events += batch.length
    }
    if (this.#read > periods.checkpoint) await this.#save()
    return periods.checkpoint === end
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#reading?.return?.()
  }

  #apply(batch: readonly RecordedEvent[]): void {
    const { checkpoint, changes } = this.#options.periods
    for (const event of batch) {
      this.#fold.listener = event.position > checkpoint ? changes : undefined
      this.#fold.apply(event)
    }
    this.#read = batch.at(-1)!.position
  }

  async #save(): Promise<void> {
    const { periods, save } = this.#options
    const change = await periods.changed(this.#read)
    await save(change)
    periods.committed(change)
  }
}
