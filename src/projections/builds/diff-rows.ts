import { emptyCategory } from '../category-aggregate.ts'
import { type Difference, diffAggregates } from '../diff-aggregates.ts'
import type { PollAggregate } from '../poll-aggregate.ts'
import type { RowsAggregate } from '../submission-rows/rows-aggregates.ts'

/** What the rows of submissions add up to otherwise than the replay, by poll. */
export function diffRows(
  polls: ReadonlyMap<string, PollAggregate>,
  aggregates: ReadonlyMap<string, RowsAggregate>,
): Map<string, readonly Difference[]> {
  const differences = new Map<string, readonly Difference[]>()
  for (const [name, expected] of polls) {
    const none = { counted: 0, excluded: 0, withdrawn: 0, categories: [] }
    const { categories, ...counts } = aggregates.get(name) ?? none
    const actual = expected.definition.categories.map((_, index) => categories[index] ?? emptyCategory())
    const found = diffAggregates(expected, { ...expected, ...counts, categories: actual })
    differences.set(
      name,
      found.map((difference) => ({ ...difference, what: `submissions: ${difference.what}` })),
    )
  }
  for (const name of aggregates.keys())
    if (!polls.has(name))
      differences.set(name, [{ what: 'submissions: the poll', expected: 'missing', actual: 'there' }])
  return differences
}
