import { WHOLE } from '../events/poll-events.ts'

/** How often each value stands in a column: value, times, value, times, … */
type Counted = readonly number[]

/** All zero between two uses. */
const times = new Uint32Array(WHOLE + 1)

/** Counts the first `length` values of a column. @param column values up to `WHOLE` */
export function countValues(column: Uint16Array, length: number): Counted {
  const counted: number[] = []
  for (let index = 0; index < length; index++) {
    const value = column[index]!
    if (times[value]! === 0) counted.push(value, 0)
    times[value]!++
  }
  for (let at = 0; at < counted.length; at += 2) {
    counted[at + 1] = times[counted[at]!]!
    times[counted[at]!] = 0
  }
  return counted
}
