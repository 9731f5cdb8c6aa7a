import { PERIOD_MS } from '../period-aggregate.ts'
import { periodOf } from './period.ts'

/** Finds the periods of times that mostly follow each other: as long as they stay in one, none is parsed. */
export class PeriodFinder {
  #start = 0
  /** The first and the last instant of the period found last, as they are written: as text they sort as in time. */
  #from = ''
  #to = ''

  /** The start of the period that an instant is in. @param instant as `isInstant` has it */
  periodOf(instant: string): number {
    if (instant < this.#from || instant > this.#to) this.#find(instant)
    return this.#start
  }

  #find(instant: string): void {
    this.#start = periodOf(Date.parse(instant))
    this.#from = new Date(this.#start).toISOString()
    this.#to = new Date(this.#start + PERIOD_MS - 1).toISOString()
  }
}
