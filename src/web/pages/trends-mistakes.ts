import type { FieldError } from '../../errors.ts'
import { bucketKinds } from '../../queries/calendar.ts'
import { similarZones } from '../../queries/time-zone.ts'
import { MOST_BUCKETS, type TrendsWords } from '../../queries/trends-request.ts'
import type { Locale } from '../locale.ts'

/** A mistake in the form for trends, in the person's words; the query's own are for programs. */
export const trendsMistake =
  (entered: TrendsWords, locale: Locale) =>
  ({ field, code }: FieldError): FieldError => ({
    ...(field !== undefined && { field }),
    code,
    message: sentenceFor(field, code, entered, locale),
  })

function sentenceFor(
  field: string | undefined,
  code: string,
  { tz = '', bucket }: TrendsWords,
  { words: { trends: words }, format }: Locale,
): string {
  switch (`${field} ${code}`) {
    case 'from wrong-format':
      return words.wrongFrom
    case 'to wrong-format':
      return words.wrongTo
    case 'from past':
    case 'to past':
      return words.before1970
    case 'from future':
      return words.inTheFuture
    case 'from contradiction':
      return words.reversed
    case 'from empty':
      return words.nothingBetween
    case 'from no-moment':
      return words.noMoment
    case 'view wrong-format':
      return words.wrongView
    case 'bucket wrong-format':
      return words.wrongBucket
    case 'bucket too-fine': {
      const kind = bucketKinds.find((each) => each === bucket) ?? 'hour'
      return words.tooFine(kind, MOST_BUCKETS.sums)
    }
    case 'tz unknown-zone': {
      const similar = similarZones(tz)
      return similar.length > 0 ? words.similarZones(format.anyOf(similar).join('')) : words.unknownZone
    }
    default:
      return words.refused
  }
}
