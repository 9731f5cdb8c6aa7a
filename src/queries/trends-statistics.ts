/** Trends in full detail: what can be said of a bucket from its histograms alone. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Position } from '../events/event-log.ts'
import {
  emptyCategory,
  type MutableCategoryAggregate,
  mergeCategory,
} from '../projections/category-aggregate.ts'
import type { PeriodAggregate } from '../projections/period-aggregate.ts'
import { assertConsistent, openedPoll } from '../projections/poll-aggregate.ts'
import { type Disagreement, disagreementOf } from './disagreement.ts'
import { distributionOf } from './distribution.ts'
import { COUNTS } from './period-index.ts'
import { type CategoryStatistics, categoryStatistics } from './statistics.ts'
import type { Trends } from './trends.ts'
import { type TruthfulBudget, truthfulBudget } from './truthful-budget.ts'

/** Everything that is computed from one bucket's histograms; lists are in the order of the poll's categories. */
export interface BucketStatistics {
  readonly categories: readonly CategoryStatistics[]
  readonly truthful: TruthfulBudget | null
  readonly disagreement: Disagreement
}

/** Others get their turn after so many buckets. */
const IN_A_ROW = 16

/**
 * Adds up periods bucket by bucket, and computes what there is to say of each.
 * @param periods in the order of time, from the first that matters to the end of the last bucket, of one moment
 * @returns rows and statistics at the position at which they are all true: that of the last change in the periods read,
 * or of `trends` if nothing has changed in them since
 * @throws {InconsistentAggregate}
 */
export async function statisticsOf(
  periods: AsyncIterable<readonly PeriodAggregate[]>,
  { definition, position: since, view, calendar: { bounds }, width }: Trends,
): Promise<{ position: Position; rows: Float64Array; statistics: BucketStatistics[] }> {
  const rows = new Float64Array((bounds.length - 1) * width)
  const statistics: BucketStatistics[] = []
  let [sum, position] = [new RunningSum(definition.categories.length), since]
  const closeBucket = async () => {
    const poll = { ...openedPoll(definition, position, ''), counted: sum.counted, categories: sum.categories }
    assertConsistent(poll)
    sum.writeTo(rows, statistics.length * width)
    const distributions = sum.categories.map(distributionOf)
    statistics.push({
      categories: sum.categories.map((category, index) =>
        categoryStatistics(category, distributions[index]!),
      ),
      truthful: truthfulBudget(distributions),
      disagreement: disagreementOf(distributions),
    })
    if (view === 'period') sum = new RunningSum(definition.categories.length)
    if (statistics.length % IN_A_ROW === 0) await nextTurn()
  }
  for await (const batch of periods)
    for (const period of batch) {
      while (period.start >= bounds[statistics.length + 1]!) await closeBucket()
      sum.add(period)
      if (period.position > position) position = period.position
    }
  while (statistics.length < bounds.length - 1) await closeBucket()
  return { position, rows, statistics }
}

/** What some periods add up to. */
class RunningSum {
  counted = 0
  excluded = 0
  withdrawn = 0
  readonly categories: readonly MutableCategoryAggregate[]

  constructor(categories: number) {
    this.categories = Array.from({ length: categories }, emptyCategory)
  }

  add(period: PeriodAggregate): void {
    this.counted += period.counted
    this.excluded += period.excluded
    this.withdrawn += period.withdrawn
    for (const [index, category] of this.categories.entries())
      mergeCategory(category, period.categories[index]!)
  }

  writeTo(rows: Float64Array, offset: number): void {
    rows.set([this.counted, this.excluded, this.withdrawn], offset)
    rows.set(
      this.categories.map(({ sum }) => sum),
      offset + COUNTS,
    )
  }
}
