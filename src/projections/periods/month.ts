/** A calendar month in UTC, counted from the year 0: a period's partition. */
export type Month = number

/** The month that `time` (milliseconds since 1970) is in. */
export function monthOf(time: number): Month {
  const date = new Date(time)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** Its first moment, milliseconds since 1970. */
export function startOfMonth(month: Month): number {
  // Not Date.UTC: it takes the years from 0 to 99 for those of the last century.
  return new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1)
}

/** `2026_01`, say. */
export const nameOfMonth = (month: Month): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}_${String((month % 12) + 1).padStart(2, '0')}`
