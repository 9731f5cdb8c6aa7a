import { type Difference, diffAggregates } from '../diff-aggregates.ts'
import type { PollAggregate } from '../poll-aggregate.ts'

/** Two aggregates of which either may be missing. */
export function diffPolls(expected?: PollAggregate, actual?: PollAggregate): Difference[] {
  if (expected && actual) return diffAggregates(expected, actual)
  if (!expected && !actual) return []
  const presence = (aggregate?: PollAggregate) => (aggregate ? 'there' : 'missing')
  return [{ what: 'the poll', expected: presence(expected), actual: presence(actual) }]
}
