import { z } from 'zod'
import { CategoryId, Instant, PollSlug, WHOLE } from '../../events/poll-events.ts'
import { type PollAggregate, rankOf } from '../../projections/poll-aggregate.ts'
import { pollStatistics } from '../../queries/statistics.ts'
import { etagOf } from '../api/etag.ts'
import { binCounts } from '../pages/histogram-chart.ts'
import { roundedShares } from '../pages/submission-view.ts'

const count = z.int().min(0)
/** Null while nobody is counted. */
const basisPoints = z.number().min(0).max(WHOLE).nullable()
const rounded = basisPoints.describe(
  'Rounded to multiples of 10, so that all categories sum to 10 000; results have it exactly',
)

const LiveCategory = z.object({
  id: CategoryId,
  mean: rounded,
  truthful: rounded,
  median: basisPoints,
  p10: basisPoints,
  p25: basisPoints,
  p75: basisPoints,
  p90: basisPoints,
  zeros: count.describe('Submissions that give the category nothing'),
  bins: z
    .array(count)
    .length(21)
    .describe('Submissions that give exactly 0, then more than 0 up to 500, up to 1000 … up to 10 000'),
})

/** What the numbers and charts of a page need to move, and no more: it is sent to thousands, four times a second. */
export const LiveView = z.object({
  poll: PollSlug,
  status: z.enum(['open', 'closed']),
  position: z.string().regex(/^\d+$/).describe('Place in the event log up to which everything is in here'),
  asOf: Instant,
  parked: count.describe('Events that could not be applied'),
  submissions: z.object({ counted: count, excluded: count, withdrawn: count }),
  categories: z.array(LiveCategory).describe('In the order of the poll'),
})
type LiveView = z.infer<typeof LiveView>

/** One state of a poll, ready to be sent. The same object for the same aggregate. */
export interface LiveMessage {
  readonly etag: string
  /** A LiveView as JSON in UTF-8. */
  readonly body: Buffer
}

const messages = new WeakMap<PollAggregate, LiveMessage>()

/** Serialised once for each snapshot, however many are sent it. */
export function liveMessage(aggregate: PollAggregate): LiveMessage {
  let message = messages.get(aggregate)
  if (message === undefined) {
    const etag = etagOf({ aggregate })
    message = { etag, body: Buffer.from(JSON.stringify(liveView(aggregate))) }
    messages.set(aggregate, message)
  }
  return message
}

function liveView(aggregate: PollAggregate): LiveView {
  const { definition, status, position, asOf, parked, counted, excluded, withdrawn } = aggregate
  const { categories, truthful } = pollStatistics(aggregate)
  const means = counted === 0 ? [] : roundedShares(categories.map(({ sum }) => sum))
  const truthfuls = roundedShares(truthful?.shares ?? [])
  return {
    ...{ poll: definition.poll, status, position: position.toString(), asOf, parked },
    submissions: { counted, excluded, withdrawn },
    categories: definition.categories.map(({ id }, i) => {
      const { median, p10, p25, p75, p90, zeros } = categories[i]!
      const shares = { mean: means[i] ?? null, truthful: truthfuls[i] ?? null }
      const bins = binCounts(aggregate.categories[i]!.histogram)
      return { id, ...shares, median, p10, p25, p75, p90, zeros, bins }
    }),
  }
}

/** Whether `later` is news to somebody who knows `known`. What is parked may change while the position stands. */
export function isNews(later: PollAggregate, known: PollAggregate): boolean {
  const [rank, before] = [rankOf(later), rankOf(known)]
  return rank > before || (rank === before && later.parked !== known.parked)
}
