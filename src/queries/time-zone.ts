/** A time zone of the IANA database, as the runtime knows it: how far its clocks are from UTC, and since when. */
import { RecentlyUsed } from './recently-used.ts'

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** A time during which the clocks of a zone stood at one offset. */
export interface OffsetSpan {
  /** Milliseconds since 1970 in UTC; −∞ for the first one asked for. */
  readonly start: number
  /** Milliseconds that the clocks are ahead of UTC. */
  readonly offset: number
}

/** Names that the runtime still gives by its older data, and what these places are called today. */
const renamed: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

/** Every zone's name, UTC first. */
export const zoneNames: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone')
    .filter((name) => name !== 'UTC')
    .map((name) => renamed[name] ?? name)
    .sort(),
]

const zones = new RecentlyUsed<TimeZone>(64)

/** The zone of this name or alias, whatever its case; undefined if there is none. Offsets (`+05:30`) are no names. */
export function findZone(name: string): TimeZone | undefined {
  if (!/^[A-Za-z][\w+/-]{1,63}$/.test(name)) return undefined
  const canonical = canonicalName(name)
  if (canonical === undefined) return undefined
  return zones.get(canonical) ?? zones.set(canonical, new TimeZone(canonical))
}

const canonicalNames = new RecentlyUsed<string>(256)

function canonicalName(name: string): string | undefined {
  const known = canonicalNames.get(name)
  if (known !== undefined) return known
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return canonicalNames.set(name, renamed[timeZone] ?? timeZone)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** At most three names that somebody who wrote `name` may have meant. */
export function similarZones(name: string): string[] {
  const wanted = name.slice(0, 64).trim().toLowerCase().replaceAll(/\s+/g, '_')
  if (wanted.length < 3) return []
  const place = wanted.slice(wanted.lastIndexOf('/') + 1)
  const rank = (zone: string): number => {
    const known = zone.toLowerCase()
    if (known.endsWith(`/${place}`)) return 3
    if (known.includes(wanted)) return 2
    return place.length > 2 && known.includes(place.slice(0, Math.max(3, place.length - 2))) ? 1 : 0
  }
  const ranked = zoneNames.map((zone) => ({ zone, rank: rank(zone) })).filter((each) => each.rank > 0)
  return ranked
    .sort((a, b) => b.rank - a.rank)
    .slice(0, 3)
    .map(({ zone }) => zone)
}

/** A zone and the changes of its clocks, looked up a year at a time and remembered. */
export class TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #changes = new Map<number, readonly OffsetSpan[]>()

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** How far the clocks are ahead of UTC at `instant` (milliseconds since 1970), in milliseconds. */
  offsetAt(instant: number): number {
    return parseOffset(this.#format.format(instant))
  }

  /** The offsets between two instants, in the order of time: the first held at `from` already. */
  offsets(from: number, to: number): OffsetSpan[] {
    const spans: OffsetSpan[] = []
    const last = new Date(to).getUTCFullYear()
    for (let year = new Date(from).getUTCFullYear(); year <= last; year++)
      for (const change of this.#yearsChanges(year)) if (change.start < to) spans.push(change)
    const first = spans.findLastIndex(({ start }) => start <= from)
    const before = first < 0 ? this.offsetAt(from) : spans[first]!.offset
    return [{ start: Number.NEGATIVE_INFINITY, offset: before }, ...spans.slice(first + 1)]
  }

  /** Every change of the clocks in a year (of UTC). They never change there and back within a day. */
  #yearsChanges(year: number): readonly OffsetSpan[] {
    const known = this.#changes.get(year)
    if (known) return known
    const changes: OffsetSpan[] = []
    const end = Date.UTC(year + 1)
    let offset = this.offsetAt(Date.UTC(year) - 1)
    for (let day = Date.UTC(year); day < end; day += DAY_MS) {
      const next = this.offsetAt(day + DAY_MS - 1)
      if (next !== offset)
        changes.push({ start: this.#changeBetween(day - 1, day + DAY_MS - 1), offset: next })
      offset = next
    }
    this.#changes.set(year, changes)
    return changes
  }

  /** The first whole second at which the offset is that of `after`, not that of `before`. */
  #changeBetween(before: number, after: number): number {
    const wanted = this.offsetAt(after)
    let [low, high] = [Math.floor(before / SECOND_MS), Math.floor(after / SECOND_MS)]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetAt(middle * SECOND_MS) === wanted) high = middle
      else low = middle
    }
    return high * SECOND_MS
  }
}

/** `1/2/2026, GMT-00:44:30` → −2,670,000; plain `GMT` is 0. */
function parseOffset(text: string): number {
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? []
  if (sign === undefined) return 0
  const offset = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS
  return sign === '-' ? -offset : offset
}
