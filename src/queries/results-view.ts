import { z } from 'zod'
import { CategoryId, Instant, PollSlug, WHOLE } from '../events/poll-events.ts'
import type { Distribution } from './distribution.ts'
import { type Answer, type Tier, tiers } from './results.ts'
import { pollStatistics } from './statistics.ts'

const count = z.int().min(0)
/** Null while too few submissions are counted. */
const basisPoints = z.number().min(0).nullable()

const CategoryResults = z.object({
  id: CategoryId,
  label: z.string(),
  sum: count.describe('Basis points given to the category by all submissions together'),
  mean: basisPoints,
  median: basisPoints.describe('Midpoint of the two central values; medians need not sum to the total'),
  p10: basisPoints.describe('Nearest rank'),
  p25: basisPoints,
  p75: basisPoints,
  p90: basisPoints,
  stddev: basisPoints.describe('Sample standard deviation, n − 1'),
  zeros: count.describe('Submissions that give the category nothing'),
  truthful: basisPoints.describe('Share under independent markets, arXiv 1905.00457'),
  disagreement: basisPoints.describe('By how much two submissions differ here, on average over all pairs'),
  histogram: z
    .array(z.tuple([z.int().min(0).max(WHOLE), z.int().min(1)]))
    .describe('[value, submissions] for every value given, ascending'),
})

/** A poll's results as the API gives them. Shares are in basis points. */
export const ResultsView = z.object({
  poll: PollSlug,
  tier: z.enum(tiers).describe('Where the answer came from'),
  position: z.string().regex(/^\d+$/).describe('Place in the event log up to which everything is in here'),
  asOf: Instant,
  parked: count.describe('Events that could not be applied'),
  submissions: z.object({ counted: count, excluded: count, withdrawn: count }),
  total: z.literal(WHOLE),
  truthful: z.object({
    method: z.literal('independent-markets'),
    t: z
      .string()
      .regex(/^\d+(\/\d+)?$/)
      .nullable()
      .describe('A reduced fraction or a whole number'),
  }),
  disagreement: z.object({
    method: z.literal('mean-pairwise-distance'),
    share: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Part of the money to move to turn one submission into another, on average over all pairs'),
  }),
  categories: z.array(CategoryResults),
})
export type ResultsView = z.infer<typeof ResultsView>

/** The single numbers of a category, in the order in which they are shown. */
export const statistics = [
  'sum',
  'mean',
  'median',
  'p10',
  'p25',
  'p75',
  'p90',
  'stddev',
  'zeros',
  'truthful',
  'disagreement',
] as const

/** Presents an answer. Not parsed by the schema: it is built from integers that are consistent already. */
export function resultsView({ tier, aggregate }: Answer): ResultsView {
  const { definition, position, asOf, parked, counted, excluded, withdrawn } = aggregate
  const { categories, distributions, truthful, disagreement } = pollStatistics(aggregate)
  return {
    poll: definition.poll,
    tier,
    position: position.toString(),
    asOf,
    parked,
    submissions: { counted, excluded, withdrawn },
    total: WHOLE,
    truthful: { method: 'independent-markets', t: truthful?.t ?? null },
    disagreement: { method: 'mean-pairwise-distance', share: disagreement.share },
    categories: definition.categories.map(({ id, label }, i) => ({
      id,
      label,
      ...categories[i]!,
      truthful: truthful?.shares[i] ?? null,
      disagreement: disagreement.categories[i]!,
      histogram: ascending(distributions[i]!),
    })),
  }
}

function ascending({ values, atLeast }: Distribution): [value: number, submissions: number][] {
  const histogram: [number, number][] = []
  for (let i = 0; i < values.length; i++) histogram.push([values[i]!, atLeast[i]! - atLeast[i + 1]!])
  return histogram
}

const bodies = new WeakMap<Answer['aggregate'], Partial<Record<Tier, Buffer>>>()

/** The results as JSON in UTF-8, serialised once for each aggregate object and tier. */
export function resultsBody(answer: Answer): Buffer {
  let byTier = bodies.get(answer.aggregate)
  if (byTier === undefined) {
    byTier = {}
    bodies.set(answer.aggregate, byTier)
  }
  byTier[answer.tier] ??= Buffer.from(JSON.stringify(resultsView(answer)))
  return byTier[answer.tier]!
}
