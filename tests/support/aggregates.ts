import type { PollAggregate } from '../../src/projections/poll-aggregate.ts'

/** An aggregate in a form that test runners compare and print well: maps in order of their keys. */
export const plain = (aggregate: PollAggregate | undefined) =>
  aggregate && {
    ...aggregate,
    categories: aggregate.categories.map(({ histogram, ...category }) => ({
      ...category,
      histogram: [...histogram].sort(([a], [b]) => a - b),
    })),
  }
