import { isDeepStrictEqual } from 'node:util'
import type { CategoryAggregate } from './category-aggregate.ts'
import type { PollAggregate } from './poll-aggregate.ts'

/** One place where an aggregate is not what it should be. */
export interface Difference {
  /** `health: 2500 given by`, say. */
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/**
 * Compares two aggregates of the same poll integer by integer, histograms included.
 * @param expected what a replay of the log gives
 * @param actual what a read model says at the same position
 * @returns nothing if they are the same
 */
export function diffAggregates(expected: PollAggregate, actual: PollAggregate): Difference[] {
  const differences: Difference[] = []
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (ours !== theirs) differences.push({ what, expected: String(ours), actual: String(theirs) })
  }
  for (const name of ['status', 'position', 'asOf', 'parked', 'counted', 'excluded', 'withdrawn'] as const)
    compare(name, expected[name], actual[name])
  if (!isDeepStrictEqual(expected.definition, actual.definition))
    compare('definition', JSON.stringify(expected.definition), JSON.stringify(actual.definition))
  compare('categories', expected.categories.length, actual.categories.length)
  for (const [index, category] of expected.categories.entries()) {
    const other = actual.categories[index]
    const id = expected.definition.categories[index]?.id ?? `category ${index + 1}`
    if (other) diffCategory(category, other, (what, ...values) => compare(`${id}: ${what}`, ...values))
  }
  return differences
}

/** Compares one category; `compare` is told of every number, with what it is. */
export function diffCategory(
  expected: CategoryAggregate,
  actual: CategoryAggregate,
  compare: (what: string, expected: unknown, actual: unknown) => void,
): void {
  for (const name of ['count', 'sum', 'sumSquares'] as const) compare(name, expected[name], actual[name])
  const values = new Set([...expected.histogram.keys(), ...actual.histogram.keys()])
  for (const value of [...values].sort((a, b) => a - b))
    compare(`${value} given by`, expected.histogram.get(value) ?? 0, actual.histogram.get(value) ?? 0)
}
