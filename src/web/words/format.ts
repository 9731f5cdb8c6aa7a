import type { Language } from './languages.ts'
import type { Piece, Rich } from './rich.ts'

/** Keeps a number and its unit together. */
const NBSP = '\u00a0'

/** What a sentence is with one of something, and with any other number of it; some languages know more. */
type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>

/** How numbers and times are written in one language. Shares are in basis points. */
export type Format = ReturnType<typeof formatIn>

const formats = new Map<Language, Format>()

export function formatFor(language: Language): Format {
  const format = formats.get(language) ?? formatIn(language)
  formats.set(language, format)
  return format
}

function formatIn(language: Language) {
  const decimals = (digits: number) =>
    new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const upToTwo = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 2, useGrouping: false })
  const one = decimals(1)
  const whole = decimals(0)
  const rules = new Intl.PluralRules(language)
  const either = new Intl.ListFormat(language, { type: 'disjunction' })
  const both = new Intl.ListFormat(language, { type: 'conjunction' })

  /** 12345 → `12,345`. */
  const count = (value: number): string => whole.format(value)
  /** Exactly as it is: 2550 → `25.5 %`. */
  const percent = (basisPoints: number): string => `${upToTwo.format(basisPoints / 100)}${NBSP}%`
  /** The form that the language uses with this number. */
  const choose = (value: number, forms: Plural): string => forms[rules.select(value)] ?? forms.other

  return {
    ...{ count, percent, choose, ...timesIn(language) },
    /** As it stands in a field: 2550 → `25.5`. */
    entry: (basisPoints: number): string => plain.format(basisPoints / 100),
    /** With one decimal, always: columns of these line up. */
    percent1: (basisPoints: number): string => `${one.format(basisPoints / 100)}${NBSP}%`,
    /** A difference in percentage points, with its sign. */
    points: (basisPoints: number): string => {
      const text = one.format(Math.abs(basisPoints) / 100)
      if (text === one.format(0)) return text
      return `${basisPoints < 0 ? '−' : '+'}${text}`
    },
    /** A distance in percentage points. */
    distance: (basisPoints: number): string => one.format(basisPoints / 100),
    /** `1 submission`, `12,345 submissions`. */
    counted: (value: number, nouns: Plural): string => `${count(value)}${NBSP}${choose(value, nouns)}`,
    /** From one share to another. */
    range: (from: number, to: number): string =>
      from === to ? percent(from) : `${upToTwo.format(from / 100)}–${percent(to)}`,
    /** A part of a whole, 0 to 1, in whole percents. */
    part: (share: number): string => `${whole.format(Math.round(share * 100))}${NBSP}%`,
    /** `a, b, or c`. */
    anyOf: (pieces: readonly Piece[]): Rich => {
      const places = either.formatToParts(pieces.map((_, index) => String(index)))
      return places.map(({ type, value }) => (type === 'element' ? pieces[Number(value)]! : value))
    },
    /** `a, b, and c`. */
    all: (texts: readonly string[]): string => both.format(texts),
    /** At most `length` characters, for places that cannot wrap. */
    shorten: (text: string, length: number): string =>
      text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`,
  }
}

function timesIn(language: Language) {
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' })
  const minute = dates({ dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })
  const day = dates({ dateStyle: 'medium' })
  const month = dates({ month: 'short', year: 'numeric' })
  const hour = dates({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const bucketStart = (bucket: 'hour' | 'day' | 'week' | 'month', local: string): string => {
    // What the zone's clocks show, whatever their offset.
    const shown = new Date(`${local.slice(0, 19)}Z`)
    if (bucket === 'month') return month.format(shown)
    if (bucket !== 'hour') return day.format(shown)
    return `${day.format(shown)}, ${local.slice(11, 16)}${NBSP}${local.slice(19).replace('-', '−')}`
  }
  return {
    /** Day and minute of an instant, in UTC. */
    dateTime: (instant: string): string => `${minute.format(new Date(instant))} UTC`,
    /** The start of a bucket (`2026-03-08T00:00:00-05:00`), as short as it can be told from others: `Mar 8, 2026`. */
    bucketStart,
    /** The same at the end of an axis, where two have to fit beside each other: of an hour neither year nor offset. */
    bucketTick: (bucket: Parameters<typeof bucketStart>[0], local: string): string =>
      bucket === 'hour' ? hour.format(new Date(`${local.slice(0, 19)}Z`)) : bucketStart(bucket, local),
  }
}
