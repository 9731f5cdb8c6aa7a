import { z } from 'zod'
import { CategoryId, Instant, PollSlug, WHOLE } from '../events/poll-events.ts'
import { bucketKinds } from './calendar.ts'
import { COUNTS } from './period-index.ts'
import type { DetailedTrends, Trends } from './trends.ts'
import { trendsViews } from './trends-request.ts'

const count = z.int().min(0)
const basisPoints = z.number().min(0).nullable()
const local = z.string().describe('ISO 8601 with the zone’s offset')
const utc = z.iso.datetime({ precision: 3 })

const CategoryDetail = z.object({
  median: basisPoints,
  p10: basisPoints,
  p25: basisPoints,
  p75: basisPoints,
  p90: basisPoints,
  stddev: basisPoints.describe('Sample standard deviation, n − 1'),
  zeros: count.describe('Submissions that give the category nothing'),
  truthful: basisPoints.describe('Share under independent markets, arXiv 1905.00457'),
  disagreement: basisPoints.describe('By how much two submissions differ here, on average over all pairs'),
})

const Bucket = z.object({
  start: local,
  end: local.describe('The first moment that is not in it any more'),
  startUtc: utc,
  endUtc: utc,
  complete: z.boolean().describe('False while it is not over'),
  counted: count,
  excluded: count,
  withdrawn: count,
  sums: z.array(count).describe('Basis points given to each category, in the order of `categories`'),
  means: z.array(basisPoints).describe('Null while nobody is counted'),
  truthful: z.object({ t: z.string().nullable() }).optional().describe('With detail=full'),
  disagreement: z
    .object({ share: z.number().min(0).max(1).nullable() })
    .optional()
    .describe('With detail=full: part of the money to move between two submissions, on average'),
  statistics: z.array(CategoryDetail).optional().describe('With detail=full, in the order of `categories`'),
})

/** Trends as the API gives them. Shares are in basis points. */
export const TrendsView = z.object({
  poll: PollSlug,
  tier: z.enum(['projection', 'replay']),
  position: z.string().regex(/^\d+$/).describe('Place in the event log up to which everything is in here'),
  asOf: Instant.nullable().describe('The latest time at which anything that is counted occurred'),
  parked: count.describe('Events that could not be applied'),
  view: z.enum(trendsViews),
  bucket: z.enum(bucketKinds),
  tz: z.string(),
  from: local.describe('Where the first bucket starts'),
  to: local.describe('Where the last bucket ends'),
  total: z.literal(WHOLE),
  categories: z.array(z.object({ id: CategoryId, label: z.string() })),
  buckets: z.array(Bucket),
})
export type TrendsView = z.infer<typeof TrendsView>
type BucketView = TrendsView['buckets'][number]

/** Presents an answer. Not parsed by the schema: it is built from whole numbers that are consistent already. */
export function trendsView(trends: Trends | DetailedTrends): TrendsView {
  const { definition, tier, position, asOf, parked, view, bucket, zone, calendar } = trends
  return {
    poll: definition.poll,
    ...{ tier, position: position.toString(), asOf, parked, view, bucket, tz: zone },
    from: calendar.local[0]!,
    to: calendar.local.at(-1)!,
    total: WHOLE,
    categories: definition.categories.map(({ id, label }) => ({ id, label })),
    buckets: bucketsOf(trends),
  }
}

function bucketsOf(trends: Trends | DetailedTrends): BucketView[] {
  const { local, utc } = trends.calendar
  const buckets: BucketView[] = []
  for (let row = 0; row + 1 < local.length; row++) {
    const { counts, sums } = rowOf(trends, row)
    buckets.push({
      start: local[row]!,
      end: local[row + 1]!,
      startUtc: utc[row]!,
      endUtc: utc[row + 1]!,
      complete: row < trends.complete,
      ...counts,
      sums,
      means: meansOf(sums, counts.counted),
      ...('statistics' in trends ? detailOf(trends, row) : {}),
    })
  }
  return buckets
}

function detailOf(
  { statistics }: DetailedTrends,
  row: number,
): Pick<BucketView, 'truthful' | 'disagreement' | 'statistics'> {
  const { categories, truthful, disagreement } = statistics[row]!
  return {
    truthful: { t: truthful?.t ?? null },
    disagreement: { share: disagreement.share },
    statistics: categories.map(({ sum: _, mean: __, ...rest }, index) => ({
      ...rest,
      truthful: truthful?.shares[index] ?? null,
      disagreement: disagreement.categories[index]!,
    })),
  }
}

/** Counts of a bucket, and its categories' sums. */
export function rowOf({ rows, width }: Pick<Trends, 'rows' | 'width'>, row: number) {
  const offset = row * width
  const counts = { counted: rows[offset]!, excluded: rows[offset + 1]!, withdrawn: rows[offset + 2]! }
  const sums: number[] = []
  for (let column = COUNTS; column < width; column++) sums.push(rows[offset + column]!)
  return { counts, sums }
}

/** Each category's mean, in basis points; null where nobody is counted. */
export const meansOf = (sums: readonly number[], counted: number): (number | null)[] =>
  sums.map((sum) => (counted === 0 ? null : sum / counted))
