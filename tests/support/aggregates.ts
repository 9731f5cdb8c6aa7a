import type { PollAggregate } from '../../src/projections/poll-aggregate.ts'

/** An aggregate in a form that test runners compare and print well: maps in order of their keys. As readers get it. */
export function plain(aggregate: PollAggregate | undefined) {
  if (!aggregate) return undefined
  const { parkedAt: _, ...seen } = aggregate
  return {
    ...seen,
    categories: aggregate.categories.map(({ histogram, ...category }) => ({
      ...category,
      histogram: [...histogram].sort(([a], [b]) => a - b),
    })),
  }
}

/** The same, and where parked events stand: all that a fold goes on from. */
export const whole = (aggregate: PollAggregate | undefined) =>
  aggregate && { ...plain(aggregate), parkedAt: [...(aggregate.parkedAt ?? [])].sort() }
