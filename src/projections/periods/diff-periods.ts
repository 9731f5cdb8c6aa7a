import type { PollDefinition } from '../../events/poll-events.ts'
import type { CategoryAggregate } from '../category-aggregate.ts'
import { type Difference, diffCategory } from '../diff-aggregates.ts'
import { periodKinds } from '../period-aggregate.ts'
import type { PackedPeriod } from './packed-periods.ts'
import { categoriesOf, integersOf, type PackedPart } from './period-row.ts'

type Periods = ReadonlyMap<number, PackedPeriod>

/**
 * Compares two sets of a poll's periods integer by integer.
 * @param expected what a replay of the log gives
 * @param actual what is stored of the same positions
 * @returns what differs, by kind, period, category and value: `change 2026-01-01T10:15:00.000Z health: sum`, say
 */
export function diffPeriods(definition: PollDefinition, expected: Periods, actual: Periods): Difference[] {
  const starts = [...new Set([...expected.keys(), ...actual.keys()])].sort((a, b) => a - b)
  return starts.flatMap((start) =>
    periodKinds.flatMap((kind) => {
      const [ours, theirs] = [expected.get(start)?.[kind], actual.get(start)?.[kind]]
      return diffParts(definition, ours, theirs).map((difference) => ({
        ...difference,
        what: `${kind} ${new Date(start).toISOString()} ${difference.what}`,
      }))
    }),
  )
}

function diffParts(definition: PollDefinition, expected?: PackedPart, actual?: PackedPart): Difference[] {
  const differences: Difference[] = []
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (ours !== theirs) differences.push({ what, expected: String(ours), actual: String(theirs) })
  }
  const presence = (part?: PackedPart) => (part ? 'there' : 'missing')
  compare('the period', presence(expected), presence(actual))
  if (!expected || !actual) return differences
  for (const name of ['position', 'counted', 'excluded', 'withdrawn'] as const)
    compare(name, expected[name], actual[name])
  if (sameNumbers(expected, actual)) return differences
  const theirs = asStored(actual)
  for (const [index, category] of asStored(expected).entries()) {
    const { id } = definition.categories[index]!
    diffCategory(category, theirs[index]!, (what, ...values) => compare(`${id}: ${what}`, ...values))
  }
  return differences
}

const sameNumbers = (one: PackedPart, other: PackedPart): boolean =>
  one.histograms === other.histograms && one.sums === other.sums && one.sumSquares === other.sumSquares

/** With the sums that the row has beside its histograms: each is read without the other. */
function asStored({ histograms, sums, sumSquares }: PackedPart): CategoryAggregate[] {
  const [allSums, allSquares] = [integersOf(sums), integersOf(sumSquares)]
  return categoriesOf(histograms).map((category, index) => ({
    ...category,
    sum: allSums[index]!,
    sumSquares: allSquares[index]!,
  }))
}
