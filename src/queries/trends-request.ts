/** What a question about trends may ask, and what is wrong with one that may not. */
import { z } from 'zod'
import { type FieldError, Problem } from '../errors.ts'
import { type BucketKind, bucketKinds, startOfDay, usualLength } from './calendar.ts'
import { DAY_MS, findZone, similarZones, type TimeZone } from './time-zone.ts'

/** `period`: what people who first took part in each bucket want. `cumulative`: the budget as it stood at its end. */
export const trendsViews = ['period', 'cumulative'] as const
export type TrendsView = (typeof trendsViews)[number]

/** `sums`: counts, sums and means. `full`: quantiles, deviations and the truthful budget too. */
export const trendsDetails = ['sums', 'full'] as const
export type TrendsDetail = (typeof trendsDetails)[number]

/** At most so many buckets are given, and in full detail. */
export const MOST_BUCKETS: Readonly<Record<TrendsDetail, number>> = { sums: 5000, full: 400 }

/** A bucket is chosen so that there are no more than this many of them, where nobody says which. */
const READABLE_BUCKETS = 100

/** A question as somebody wrote it; what is left out is chosen. */
export type TrendsWords = Readonly<
  Partial<Record<'bucket' | 'from' | 'to' | 'tz' | 'view' | 'detail', string>>
>

/** A day of the zone's calendar, `2026-11-23`, or an instant in milliseconds since 1970. */
type Moment = { readonly day: string } | { readonly instant: number }

export interface TrendsRequest {
  readonly bucket: BucketKind | undefined
  readonly from: Moment | undefined
  readonly to: Moment | undefined
  readonly zone: TimeZone
  readonly view: TrendsView
  readonly detail: TrendsDetail
}

/** The range that is answered, before it is widened to whole buckets: from `from` up to, but without, `to`. */
export interface TrendsRange {
  readonly bucket: BucketKind
  readonly from: number
  readonly to: number
}

const Instant = z.iso.datetime({ offset: true })
const Day = z.iso.date()

/**
 * Understands a question.
 * @param found mistakes that are known already
 * @throws {Problem} INVALID_REQUEST with every mistake
 */
export function readTrends(words: TrendsWords, found: readonly FieldError[] = []): TrendsRequest {
  const errors = [...found]
  const zone = readZone(words.tz ?? 'UTC', errors)
  const request = {
    bucket: readChoice('bucket', words.bucket, bucketKinds, errors),
    from: readMoment('from', words.from, errors),
    to: readMoment('to', words.to, errors),
    view: readChoice('view', words.view, trendsViews, errors) ?? 'period',
    detail: readChoice('detail', words.detail, trendsDetails, errors) ?? 'sums',
  }
  if (errors.length > 0 || !zone) throw invalid(errors)
  return { ...request, zone }
}

function readChoice<Choice extends string>(
  field: string,
  given: string | undefined,
  choices: readonly Choice[],
  errors: FieldError[],
): Choice | undefined {
  if (given === undefined) return undefined
  const found = choices.find((choice) => choice === given)
  if (!found)
    errors.push({ field, code: 'wrong-format', message: `${field} must be one of ${choices.join(', ')}.` })
  return found
}

function readZone(name: string, errors: FieldError[]): TimeZone | undefined {
  const zone = findZone(name)
  if (zone) return zone
  const similar = similarZones(name)
  const hint = similar.length > 0 ? `Did you mean ${similar.join(', ')}?` : 'Try Europe/Berlin, or UTC.'
  const message = `tz must be the name of a time zone of the IANA database. ${hint}`
  errors.push({ field: 'tz', code: 'unknown-zone', message })
  return undefined
}

function readMoment(field: 'from' | 'to', given: string | undefined, errors: FieldError[]) {
  if (given === undefined) return undefined
  const isDay = Day.safeParse(given).success
  if (!isDay && !Instant.safeParse(given).success) {
    const message = `${field} must be a day such as 2026-11-23, or a time such as 2026-11-23T10:00:00Z; in an address write + as %2B.`
    errors.push({ field, code: 'wrong-format', message })
    return undefined
  }
  if (Date.parse(given) < 0) errors.push({ field, code: 'past', message: `${field} lies before 1970.` })
  return isDay ? { day: given } : { instant: Date.parse(given) }
}

/**
 * The range and bucket that are answered: from the first submission to the present, where nobody says otherwise. `to`
 * as a day is the whole day; what lies beyond the present is left out.
 * @param known when the first period starts; undefined if nobody has submitted
 * @param present milliseconds since 1970: nothing lies later
 * @throws {Problem} INVALID_REQUEST
 */
export function rangeOf(request: TrendsRequest, known: number | undefined, present: number): TrendsRange {
  const { zone } = request
  const to = Math.min(request.to ? endOf(request.to, zone) : present, present)
  const from = request.from ? beginOf(request.from, zone) : Math.min(known ?? present, to)
  if (from > present) throw invalid([{ field: 'from', code: 'future', message: 'from lies in the future.' }])
  if (from > to || areDaysReversed(request))
    throw invalid([{ field: 'from', code: 'contradiction', message: 'from lies after to.' }])
  if (isNothing(request))
    throw invalid([
      {
        field: 'from',
        code: 'empty',
        message: 'from and to are the same time: there is nothing between them.',
      },
    ])
  const bucket = request.bucket ?? readableBucket(to - from)
  checkFineness(request.detail, bucket, to - from)
  return { bucket, from, to }
}

/** The end of a day is the start of the next one: their instants alone do not tell. */
const areDaysReversed = ({ from, to }: TrendsRequest): boolean =>
  from !== undefined && to !== undefined && 'day' in from && 'day' in to && from.day > to.day

/** One day is a whole day; one instant is nothing, which no bucket holds. */
const isNothing = ({ from, to }: TrendsRequest): boolean =>
  from !== undefined &&
  to !== undefined &&
  'instant' in from &&
  'instant' in to &&
  from.instant === to.instant

const beginOf = (moment: Moment, zone: TimeZone): number =>
  'day' in moment ? startOfDay(zone, moment.day) : moment.instant

/** The first moment, milliseconds since 1970, that is not in it any more: of a day, the start of the next. */
export function endOf(moment: Moment, zone: TimeZone): number {
  if ('instant' in moment) return moment.instant
  // Days of the calendar count on as if there were no zones.
  const next = Date.parse(moment.day) + DAY_MS
  return startOfDay(zone, new Date(next).toISOString().replace(/T.*/, ''))
}

const readableBucket = (length: number): BucketKind =>
  bucketKinds.find((kind) => length / usualLength[kind] <= READABLE_BUCKETS) ?? 'month'

function checkFineness(detail: TrendsDetail, bucket: BucketKind, length: number): void {
  const buckets = (kind: BucketKind) => Math.ceil(length / usualLength[kind])
  const most = MOST_BUCKETS[detail]
  if (buckets(bucket) <= most) return
  const coarser = bucketKinds.filter((kind) => buckets(kind) <= most)
  const choose =
    coarser.length > 0 ? `Choose ${coarser.join(' or ')}, or a shorter range.` : 'Choose a shorter range.'
  const counts = `about ${buckets(bucket).toLocaleString('en')} ${bucket}s, and at most ${most.toLocaleString('en')} are given${detail === 'full' ? ' in full detail' : ''}`
  throw invalid([
    {
      field: 'bucket',
      code: 'too-fine',
      message: `The bucket is too fine for the range: ${counts}. ${choose}`,
    },
  ])
}

/** A refusal of what was asked. */
export const invalid = (errors: readonly FieldError[]): Problem =>
  new Problem('INVALID_REQUEST', { detail: errors.map(({ message }) => message).join(' '), errors })
