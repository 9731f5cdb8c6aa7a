/** Buckets of a time zone, held against Temporal, which shares no code with them. */
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it, test } from 'vitest'
import { PERIOD_MS } from '../../src/projections/period-aggregate.ts'
import { type BucketKind, bucketKinds, calendarOf, startOfDay } from '../../src/queries/calendar.ts'
import { DAY_MS, findZone, HOUR_MS, similarZones, zoneNames } from '../../src/queries/time-zone.ts'

const zoneOf = (name: string) => findZone(name)!
const calendar = (zone: string, kind: BucketKind, from: string, to: string) =>
  calendarOf(zoneOf(zone), kind, Date.parse(from), Date.parse(to))
const lengths = ({ bounds }: { bounds: Float64Array }) =>
  [...bounds.subarray(1)].map((end, index) => (end - bounds[index]!) / HOUR_MS)

/** Zones that change their clocks by an hour, never, by half an hour, and at a quarter of an hour. */
const named = ['America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Chatham'] as const
const odd = [
  'UTC',
  'Pacific/Apia',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Africa/Cairo',
  'Asia/Beirut',
  'Antarctica/Troll',
  'Pacific/Kiritimati',
] as const

const ranges = fc
  .tuple(
    fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2030, 0) }),
    fc.oneof(fc.nat(3 * DAY_MS), fc.nat(400 * DAY_MS)),
  )
  .map(([from, length]) => ({ from, to: from + length }))

const quarterUp = (instant: number) => Math.ceil(instant / PERIOD_MS) * PERIOD_MS
const at = (instant: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)

/** What Temporal says of when the bucket of a kind that a wall-clock date begins begins. */
function temporalBegin(date: Temporal.PlainDate, zone: string): number {
  return quarterUp(date.toZonedDateTime({ timeZone: zone }).epochMilliseconds)
}

/** The bounds by Temporal: the dates that begin a bucket, one after the other. */
function temporalBounds(kind: 'day' | 'week' | 'month', zone: string, from: number, to: number): number[] {
  const step = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } }[kind]
  let date = at(from, zone).toPlainDate().subtract({ days: 2 })
  if (kind === 'week') date = date.subtract({ days: date.dayOfWeek - 1 })
  if (kind === 'month') date = date.with({ day: 1 })
  const begins: number[] = []
  for (;;) {
    const begin = temporalBegin(date, zone)
    if (begin <= from) begins.length = 0
    if (begin !== begins.at(-1)) begins.push(begin)
    if (begin >= to && begin > from) return begins
    date = date.add(step)
  }
}

/** The hour that Temporal shows at an instant, with its offset: twice the same hour is two hours. */
const shownHour = (instant: number, zone: string) => {
  const { year, month, day, hour, offset } = at(instant, zone)
  return `${year}-${month}-${day} ${hour} ${offset}`
}

describe('buckets', () => {
  const kinds = fc.constantFrom(...bucketKinds)
  const zones = fc.constantFrom(...named, ...odd)

  it('tile the range without a gap or an overlap: every event falls into exactly one', () =>
    fc.assert(
      fc.property(zones, kinds, ranges, fc.nat(), (zone, kind, { from, to }, within) => {
        const { bounds, local, utc } = calendarOf(zoneOf(zone), kind, from, to)
        const event = from + (within % Math.max(1, to - from))
        const holding = [...bounds.subarray(1)].filter((end, index) => bounds[index]! <= event && event < end)
        expect(holding).toHaveLength(1)
        expect(bounds.every((bound, index) => index === 0 || bound > bounds[index - 1]!)).toBe(true)
        expect(bounds.every((bound) => bound % PERIOD_MS === 0)).toBe(true)
        expect(bounds[1]! > from && bounds.at(-2)! < Math.max(to, from + PERIOD_MS)).toBe(true)
        expect(local.map((text) => Date.parse(text))).toEqual([...bounds])
        expect(utc.map((text) => Date.parse(text))).toEqual([...bounds])
      }),
      { numRuns: 500 },
    ))

  it('of days, weeks and months begin where Temporal begins them', () =>
    fc.assert(
      fc.property(zones, fc.constantFrom('day', 'week', 'month'), ranges, (zone, kind, { from, to }) => {
        const first = Math.floor(from / PERIOD_MS) * PERIOD_MS
        const last = Math.max(first + PERIOD_MS, quarterUp(to))
        expect([...calendarOf(zoneOf(zone), kind, from, to).bounds]).toEqual(
          temporalBounds(kind, zone, first, last),
        )
      }),
      { numRuns: 500 },
    ))

  it('of hours begin where the hour that Temporal shows changes', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...named),
        fc.integer({ min: Date.UTC(1985, 0), max: Date.UTC(2030, 0) }),
        (zone, from) => {
          // Around a change of the clocks, if the zone has one that year.
          const change = at(from, zone).getTimeZoneTransition('next')?.epochMilliseconds ?? from
          const begin = change - 5 * HOUR_MS
          const { bounds } = calendarOf(zoneOf(zone), 'hour', begin, change + 5 * HOUR_MS)
          const inside = new Set(bounds.subarray(1, -1))
          for (let instant = bounds[0]! + PERIOD_MS; instant < bounds.at(-1)!; instant += PERIOD_MS)
            expect(inside.has(instant), new Date(instant).toISOString()).toBe(
              shownHour(instant, zone) !== shownHour(instant - PERIOD_MS, zone),
            )
        },
      ),
      { numRuns: 100 },
    ))

  test('of five years of days are there at once when they have been asked for before', () => {
    const ask = () => calendar('America/New_York', 'day', '2021-11-23T00:00:00Z', '2026-11-23T00:00:00Z')
    const first = ask()
    expect(first.bounds).toHaveLength(1828)
    expect(ask()).toBe(first)
  })
})

describe('days', () => {
  test.each([
    ['America/New_York', '2026-03-08', [23], '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00'],
    ['America/New_York', '2026-11-01', [25], '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00'],
    ['Australia/Lord_Howe', '2026-04-05', [24.5], '2026-04-05T00:00:00+11:00', '2026-04-06T00:00:00+10:30'],
    ['Australia/Lord_Howe', '2026-10-04', [23.5], '2026-10-04T00:00:00+10:30', '2026-10-05T00:00:00+11:00'],
    ['Pacific/Chatham', '2026-04-05', [25], '2026-04-05T00:00:00+13:45', '2026-04-06T00:00:00+12:45'],
    ['Asia/Kolkata', '2026-04-05', [24], '2026-04-05T00:00:00+05:30', '2026-04-06T00:00:00+05:30'],
    // The clocks skip midnight: the day begins at one.
    ['America/Sao_Paulo', '2018-11-04', [23], '2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00'],
  ])('in %s, %s lasts %j hours', (zone, day, hours, from, to) => {
    const start = startOfDay(zoneOf(zone), day)
    const found = calendarOf(zoneOf(zone), 'day', start, start + HOUR_MS)
    expect(lengths(found)).toEqual(hours)
    expect(found.local).toEqual([from, to])
  })

  test('that a zone left out have no bucket: Samoa went from Thursday to Saturday', () => {
    const { local } = calendar('Pacific/Apia', 'day', '2011-12-29T12:00:00Z', '2011-12-31T12:00:00Z')
    expect(local).toEqual([
      '2011-12-29T00:00:00-10:00',
      '2011-12-31T00:00:00+14:00',
      '2012-01-01T00:00:00+14:00',
      '2012-01-02T00:00:00+14:00',
    ])
    expect(startOfDay(zoneOf('Pacific/Apia'), '2011-12-30')).toBe(Date.parse(local[1]!))
  })

  test('at offsets that are no multiple of a quarter of an hour begin at the next one, and say so', () => {
    const { local, utc } = calendar(
      'Pacific/Kiritimati',
      'day',
      '1979-01-01T12:00:00Z',
      '1979-01-01T12:00:00Z',
    )
    expect(local).toEqual(['1979-01-01T00:05:00-10:40', '1979-01-02T00:05:00-10:40'])
    expect(utc[0]).toBe('1979-01-01T10:45:00.000Z')
    const liberia = calendar('Africa/Monrovia', 'day', '1971-01-01T12:00:00Z', '1971-01-01T12:00:00Z')
    expect(liberia.local[0]).toBe('1971-01-01T00:00:30-00:44:30')
  })
})

describe('hours', () => {
  test('that occur twice are two, and those that do not occur are none', () => {
    const autumn = calendar('America/New_York', 'hour', '2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z')
    expect(autumn.local.slice(0, 2)).toEqual(['2026-11-01T01:00:00-04:00', '2026-11-01T01:00:00-05:00'])
    const spring = calendar('America/New_York', 'hour', '2026-03-08T06:00:00Z', '2026-03-08T08:00:00Z')
    expect(spring.local.slice(0, 2)).toEqual(['2026-03-08T01:00:00-05:00', '2026-03-08T03:00:00-04:00'])
  })

  test('are cut in half where the clocks change by half an hour', () => {
    const found = calendar('Australia/Lord_Howe', 'hour', '2026-04-04T14:00:00Z', '2026-04-04T16:00:00Z')
    expect(lengths(found)).toEqual([1, 0.5, 1])
    expect(found.local[1]).toBe('2026-04-05T01:30:00+10:30')
  })
})

test('weeks begin on Monday, by the zone’s own calendar', () => {
  const { local } = calendar('Pacific/Chatham', 'week', '2026-11-22T20:00:00Z', '2026-11-22T20:00:00Z')
  expect(local).toEqual(['2026-11-23T00:00:00+13:45', '2026-11-30T00:00:00+13:45'])
})

describe('zones', () => {
  test.each([
    ['asia/kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['EUROPE/BERLIN', 'Europe/Berlin'],
    ['US/Eastern', 'America/New_York'],
    ['utc', 'UTC'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
  ])('are found as %s, and called %s', (asked, name) => expect(findZone(asked)?.name).toBe(name))

  test.each(['', 'Mars/Olympus', '+05:30', '../etc/passwd', 'Europe/Berlin ', 'x'.repeat(100), '\u0000'])(
    'are none: %j',
    (name) => expect(findZone(name)).toBeUndefined(),
  )

  test.each([
    ['New York', 'America/New_York'],
    ['berlin', 'Europe/Berlin'],
    ['Europe/Berlni', 'Europe/Berlin'],
    ['Asia/Berlin', 'Europe/Berlin'],
  ])('that are none (%s) suggest what may be meant: %s', (name, suggestion) =>
    expect(similarZones(name)[0]).toBe(suggestion),
  )

  test('all have a name that is found, and is their own', () => {
    for (const name of zoneNames) expect(findZone(name)?.name).toBe(name)
    expect(zoneNames.length).toBeGreaterThan(400)
  })
})
