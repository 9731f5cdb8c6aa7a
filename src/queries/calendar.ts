/** Hours, days, weeks and months of a time zone as ranges of instants that periods (quarters of an hour) add up to. */
import { PERIOD_MS } from '../projections/period-aggregate.ts'
import { RecentlyUsed } from './recently-used.ts'
import { DAY_MS, HOUR_MS, type OffsetSpan, type TimeZone } from './time-zone.ts'

export const bucketKinds = ['hour', 'day', 'week', 'month'] as const
export type BucketKind = (typeof bucketKinds)[number]

/** How long each is as a rule; none is ever shorter than half of it but hours, which may be cut by a clock change. */
export const usualLength: Readonly<Record<BucketKind, number>> = {
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
}

/** Consecutive buckets: number i is from `bounds[i]` up to, but without, `bounds[i + 1]`. */
export interface Calendar {
  /** Milliseconds since 1970, ascending, one more than there are buckets; all multiples of `PERIOD_MS`. */
  readonly bounds: Float64Array
  /** The bounds as the zone writes them, `2026-03-08T00:00:00-05:00`. */
  readonly local: readonly string[]
  /** The bounds in UTC, `2026-03-08T05:00:00.000Z`. */
  readonly utc: readonly string[]
}

/** Further than any clock is from UTC, or jumps (Samoa left out a day). */
const MOST_MS = 26 * HOUR_MS

const calendars = new RecentlyUsed<Calendar>(16)

/**
 * The whole buckets that the instants from `from` up to, but without, `to` fall into; the one of `from` if both are
 * the same.
 *
 * A day begins at the first instant at which the zone's calendar shows it or a later one: at 1 a.m. where the clocks
 * skip midnight, and only once where they show it twice. A day that a zone left out has no bucket. A week begins with
 * its Monday (ISO 8601). An hour begins wherever the clocks show a full hour or are changed: an hour shown twice
 * is two buckets, one that is skipped is none, and a change by half an hour leaves a bucket of half an hour.
 *
 * Offsets that are no multiple of a quarter of an hour (Kiribati's Line Islands until 1979, Liberia until 1972, and
 * most before 1920) move a bound to the next quarter of an hour in UTC: that is what is stored, and the bounds given
 * say so.
 */
export function calendarOf(zone: TimeZone, kind: BucketKind, from: number, to: number): Calendar {
  const first = Math.floor(from / PERIOD_MS) * PERIOD_MS
  const last = Math.max(first + PERIOD_MS, Math.ceil(to / PERIOD_MS) * PERIOD_MS)
  const key = `${zone.name} ${kind} ${first} ${last}`
  return calendars.get(key) ?? calendars.set(key, computed(zone, kind, first, last))
}

function computed(zone: TimeZone, kind: BucketKind, first: number, last: number): Calendar {
  const spans = zone.offsets(first - 40 * DAY_MS, last + 40 * DAY_MS)
  const begins = kind === 'hour' ? hourBegins(spans, first, last) : dayBegins(spans, kind, first, last)
  const bounds = covering(begins, first, last)
  return { bounds, ...written(bounds, spans) }
}

/** The first instant of a day of the zone (`2026-03-08`), in milliseconds since 1970. */
export function startOfDay(zone: TimeZone, day: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const spans = zone.offsets(wall - 2 * DAY_MS, wall + 2 * DAY_MS)
  return quarter(new WallClock(spans).reaches(wall))
}

/** The next quarter of an hour, unless it is one. */
const quarter = (instant: number): number => Math.ceil(instant / PERIOD_MS) * PERIOD_MS

/** Finds when the clocks of a zone showed something; to be asked in the order of time. */
class WallClock {
  readonly #spans: readonly OffsetSpan[]
  #current = 0

  constructor(spans: readonly OffsetSpan[]) {
    this.#spans = spans
  }

  /** The first instant at which the clocks show `wall` (milliseconds, as if it were UTC) or something later. */
  reaches(wall: number): number {
    for (; ; this.#current++) {
      const { start, offset } = this.#spans[this.#current]!
      const instant = Math.max(start, wall - offset)
      const next = this.#spans[this.#current + 1]
      if (!next || instant < next.start) return instant
    }
  }
}

/** Where days, weeks or months begin, from before `first` to after `last`. */
function dayBegins(spans: readonly OffsetSpan[], kind: BucketKind, first: number, last: number): number[] {
  const clock = new WallClock(spans)
  const begins: number[] = []
  const begin = new Date(firstWall(kind, first - MOST_MS))
  while (begin.getTime() < last + MOST_MS + usualLength[kind] + DAY_MS) {
    begins.push(quarter(clock.reaches(begin.getTime())))
    if (kind === 'month') begin.setUTCMonth(begin.getUTCMonth() + 1)
    else begin.setTime(begin.getTime() + usualLength[kind])
  }
  return begins
}

/** The beginning of the day, week or month that holds `wall`, on the same clock. */
function firstWall(kind: BucketKind, wall: number): number {
  const date = new Date(wall)
  const day = kind === 'month' ? 1 : date.getUTCDate()
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)
  const sinceMonday = (date.getUTCDay() + 6) % 7
  return kind === 'week' ? start - sinceMonday * DAY_MS : start
}

/** Where hours begin: at full hours of the clocks, and where these are changed. */
function hourBegins(spans: readonly OffsetSpan[], first: number, last: number): number[] {
  const begins: number[] = []
  for (const [index, { start, offset }] of spans.entries()) {
    const from = Math.max(start, first - 2 * HOUR_MS)
    const to = Math.min(spans[index + 1]?.start ?? Number.POSITIVE_INFINITY, last + 2 * HOUR_MS)
    if (from >= to) continue
    if (from === start) begins.push(quarter(start))
    const fullHour = Math.ceil((from + offset) / HOUR_MS) * HOUR_MS - offset
    for (let begin = fullHour; begin < to; begin += HOUR_MS) begins.push(quarter(begin))
  }
  return begins
}

/** Of ascending `begins`, those from the last one at or before `first` to the first one at or after `last`, once. */
function covering(begins: readonly number[], first: number, last: number): Float64Array {
  const from = begins.findLastIndex((begin) => begin <= first)
  const to = begins.findIndex((begin) => begin >= last)
  return Float64Array.from(new Set(begins.slice(from, to + 1)))
}

function written(bounds: Float64Array, spans: readonly OffsetSpan[]): Pick<Calendar, 'local' | 'utc'> {
  const local: string[] = []
  const utc: string[] = []
  let span = 0
  for (const bound of bounds) {
    while (span + 1 < spans.length && spans[span + 1]!.start <= bound) span++
    const { offset } = spans[span]!
    utc.push(new Date(bound).toISOString())
    local.push(`${new Date(bound + offset).toISOString().slice(0, 19)}${writtenOffset(offset)}`)
  }
  return { local, utc }
}

/** `-05:00`; with seconds (ISO 8601 has none, but there were such zones) where there are any. */
function writtenOffset(offset: number): string {
  const text = new Date(Math.abs(offset)).toISOString().slice(11, 19)
  return `${offset < 0 ? '-' : '+'}${text.endsWith(':00') ? text.slice(0, 5) : text}`
}
