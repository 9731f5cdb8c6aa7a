/** How the console writes what only operators read. */
import type { BuildState } from '../../projections/builds/projection-operations.ts'
import { count, plural } from './format.ts'

const NBSP = '\u00a0'

/** A position with its thousands apart. */
export const position = (value: bigint): string => value.toLocaleString('en')

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23', timeZone: 'UTC' })
const minute = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23', timeZone: 'UTC' })

/** `10:32:05 UTC`. */
export const timeOfDay = (at: Date): string => `${clock.format(at)} UTC`

/** `10:32`. */
export const hourAndMinute = (at: Date): string => minute.format(at)

/** `1 h 20 min`, `3 min 5 s`, `12 s`: two units at most. */
export function duration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const whole = Math.max(0, Math.round(seconds))
  const first = units.findIndex(([size]) => whole >= size)
  if (first < 0) return `0${NBSP}s`
  const [size, name] = units[first]!
  const next = units[first + 1]
  const rest = next ? Math.floor((whole % size) / next[0]) : 0
  const second = rest > 0 ? ` ${rest}${NBSP}${next![1]}` : ''
  return `${Math.floor(whole / size)}${NBSP}${name}${second}`
}

/** How long ago, as seen at `now`. */
export const since = (at: Date, now: Date): string => duration((now.getTime() - at.getTime()) / 1000)

/** Bytes in the unit that people would choose. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.max(
    0,
    Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3 + Number.EPSILON)),
  )
  const scaled = value / 1000 ** step
  return `${count(scaled >= 10 ? Math.round(scaled) : Math.round(scaled * 10) / 10)}${NBSP}${units[step]}`
}

/** A figure of a process: as many digits as say something. */
export const figure = (value: number): string =>
  count(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100)

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** As short as an axis needs it: `1.2M`. */
export const short = (value: number): string => compact.format(value)

/** Basis points with one decimal, or a dash where there is nothing. */
export const orDash = (value: number | null, write: (value: number) => string): string =>
  value === null ? '–' : write(value)

/** `1 event behind`, `level`. */
export const lag = (events: number): string => (events === 0 ? 'level' : `${plural(events, 'event')} behind`)

const projectionNames: Readonly<Record<string, string>> = {
  'category-aggregate': 'Results',
  submissions: 'Submissions',
}

/** What people call a projection. */
export const projectionName = (projection: string): string => projectionNames[projection] ?? projection

/** What is being done about a build. */
export const buildStates: Readonly<Record<BuildState, string>> = {
  waiting: 'about to be taken up by a process with the role projector',
  filling: 'filling from the log',
  following: 'catching up with what is new',
  verifying: 'being compared with a replay',
  ready: 'ready to be promoted',
  paused: 'paused',
  failed: 'failed',
}

export const reasons = {
  duplicate: 'Duplicate: the same person again',
  automated: 'Automated: sent by a program',
  coordinated: 'Coordinated: given out to be repeated',
  test: 'A test',
  other: 'Another reason',
} as const

export const vias = {
  form: 'the form',
  api: 'the API',
  import: 'an import',
  simulation: 'a simulation',
} as const
