/** How numbers and times are written on pages. A no-break space keeps a number and its unit together. */
const NBSP = '\u00a0'

const decimals = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const upToTwo = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const one = decimals(1)
const whole = new Intl.NumberFormat('en')
const minute = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** Basis points as exactly as they are: 2550 → `25.5 %`. */
export const percent = (basisPoints: number): string => `${upToTwo.format(basisPoints / 100)}${NBSP}%`

/** With one decimal, always: columns of these line up. */
export const percent1 = (basisPoints: number): string => `${one.format(basisPoints / 100)}${NBSP}%`

/** A difference in percentage points, with its sign. */
export function points(basisPoints: number): string {
  const text = one.format(Math.abs(basisPoints) / 100)
  if (text === '0.0') return `0.0`
  return `${basisPoints < 0 ? '−' : '+'}${text}`
}

/** 12345 → `12,345`. */
export const count = (value: number): string => whole.format(value)

/** `1 submission`, `12,345 submissions`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)}${NBSP}${value === 1 ? one : many}`

/** Day and minute of an instant, in UTC. */
export const dateTime = (instant: string): string => `${minute.format(new Date(instant))} UTC`

const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })
const month = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' })

/** The start of a bucket (`2026-03-08T00:00:00-05:00`), as short as it can be told from others: `Mar 8, 2026`. */
export function bucketStart(bucket: 'hour' | 'day' | 'week' | 'month', local: string): string {
  // What the zone's clocks show, whatever their offset.
  const shown = new Date(`${local.slice(0, 19)}Z`)
  if (bucket === 'month') return month.format(shown)
  if (bucket !== 'hour') return day.format(shown)
  return `${day.format(shown)}, ${local.slice(11, 16)}${NBSP}${local.slice(19).replace('-', '−')}`
}

/** At most `length` characters, for places that cannot wrap. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`

/** From one share to another. */
export const range = (from: number, to: number): string =>
  from === to ? percent(from) : `${upToTwo.format(from / 100)}–${percent(to)}`

/** A part of a whole, 0 to 1, in whole percents. */
export const part = (share: number): string => `${whole.format(Math.round(share * 100))}${NBSP}%`
