import { z } from 'zod'
import { CategoryId, type PollDefinition, WHOLE } from '../events/poll-events.ts'
import type { Allocation } from '../events/submission-events.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'
import { type Split, splitAt } from './distribution.ts'
import { pollStatistics } from './statistics.ts'

const share = z.number().min(0).max(1)

const CategoryComparison = z.object({
  id: CategoryId,
  label: z.string(),
  own: z.int().min(0).max(WHOLE),
  percentile: share
    .nullable()
    .describe('(submissions that give less + half of those that give the same) / all'),
  split: z
    .object({ less: z.int().min(0), same: z.int().min(0), more: z.int().min(0) })
    .describe('How many submissions give the category less than this one, the same, and more'),
  aboveMean: z.number().nullable().describe('Own share less the mean of all'),
  aboveBaselines: z.record(CategoryId, z.int()).describe('Own share less each baseline, by its id'),
})

/** One allocation beside everyone's and beside the actual budgets. Shares are in basis points. */
export const Comparison = z.object({
  counted: z.int().min(0).describe('Submissions compared with; one’s own is among them once it is counted'),
  moneyToMove: z
    .object({ mean: share.nullable(), baselines: z.record(CategoryId, share) })
    .describe('Part of one’s money, 0 to 1, that would go elsewhere in the mean of all and in each baseline'),
  categories: z.array(CategoryComparison),
})
export type Comparison = z.infer<typeof Comparison>

type Baseline = PollDefinition['baselines'][number]

/** Sets an allocation beside an aggregate. What compares with others is null while nobody is counted. */
export function compare(aggregate: PollAggregate, allocation: Allocation): Comparison {
  const { categories, baselines } = aggregate.definition
  const { counted } = aggregate
  const statistics = pollStatistics(aggregate)
  const own = categories.map(({ id }) => allocation[id] ?? 0)
  const sums = statistics.categories.map(({ sum }) => sum)
  const ownTimesCounted = own.map((value) => value * counted)
  return {
    counted,
    moneyToMove: {
      // Everything times n, so that it is a quotient of whole numbers.
      mean: counted === 0 ? null : moneyToMove(ownTimesCounted, sums, WHOLE * counted),
      baselines: byId(baselines, ({ shares }) => moneyToMove(own, inOrder(categories, shares))),
    },
    categories: categories.map(({ id, label }, i) => ({
      ...{ id, label, own: own[i]! },
      ...placeOf(splitAt(statistics.distributions[i]!, own[i]!)),
      aboveMean: counted === 0 ? null : (ownTimesCounted[i]! - sums[i]!) / counted,
      aboveBaselines: byId(baselines, ({ shares }) => own[i]! - (shares[id] ?? 0)),
    })),
  }
}

/** How many want more than, the same as, and less than a baseline gives, in the order of the poll's categories. */
export function splitAtBaseline(aggregate: PollAggregate, baseline: Baseline): Split[] {
  const { distributions } = pollStatistics(aggregate)
  return aggregate.definition.categories.map(({ id }, i) =>
    splitAt(distributions[i]!, baseline.shares[id] ?? 0),
  )
}

/**
 * The part of the money, 0 to 1, that one has to take from some categories and give to others to turn one budget into
 * another: ½ Σ|p − x| / T.
 * @param whole T, what each of the two sums to
 */
export function moneyToMove(from: readonly number[], to: readonly number[], whole = WHOLE): number {
  const distance = from.reduce((sum, value, i) => sum + Math.abs(value - to[i]!), 0)
  return distance / (2 * whole)
}

/** Where a value stands among all; its percentile is (#below + ½ #equal) / n. */
function placeOf(split: Split): Pick<z.infer<typeof CategoryComparison>, 'percentile' | 'split'> {
  const { less, same, more } = split
  const count = less + same + more
  return { percentile: count === 0 ? null : (2 * less + same) / (2 * count), split }
}

const inOrder = (categories: PollDefinition['categories'], shares: Allocation): number[] =>
  categories.map(({ id }) => shares[id] ?? 0)

const byId = <T>(baselines: readonly Baseline[], value: (baseline: Baseline) => T): Record<string, T> =>
  Object.fromEntries(baselines.map((baseline) => [baseline.id, value(baseline)]))
