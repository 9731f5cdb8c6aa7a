/** A poll as `ProjectionStore` reads it from its tables. */
import { z } from 'zod'
import { PollDefinition } from '../events/poll-events.ts'
import type { MutableCategoryAggregate } from './category-aggregate.ts'
import {
  assertConsistent,
  InconsistentAggregate,
  type MutablePollAggregate,
  type PollAggregate,
} from './poll-aggregate.ts'

const position = z.string().transform(BigInt)
/** The driver reads int8 as bigint; counts stay far below 2^53. */
const count = z.coerce.number().int()

/** What is in it is checked with the rest of the aggregate: there are thousands, and every answer reads them all. */
const pairs = z.custom<readonly (readonly [number, number])[]>(Array.isArray)

export const PollRow = z.object({
  definition: PollDefinition,
  status: z.enum(['open', 'closed']),
  generation: z.int(),
  opened_at: position,
  position,
  as_of: z.string(),
  parked: count,
  counted: count,
  excluded: count,
  withdrawn: count,
  categories: z.array(
    z.object({
      category: z.string(),
      count: z.int(),
      sum: z.int(),
      sumSquares: z.int(),
      histogram: pairs,
    }),
  ),
})

/** @throws {InconsistentAggregate} */
export function aggregateFromRow(row: unknown): MutablePollAggregate {
  const aggregate = aggregateAsStored(row)
  assertConsistent(aggregate)
  return aggregate
}

/** The same, whatever it says: to be compared, not to be served. @throws {InconsistentAggregate} if it cannot be read */
function aggregateAsStored(row: unknown): MutablePollAggregate {
  const parsed = PollRow.safeParse(row)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new InconsistentAggregate(
      `a stored poll cannot be read: ${issue?.path.join('.')}: ${issue?.message}`,
    )
  }
  const { categories, as_of: asOf, opened_at: openedAt, generation, ...poll } = parsed.data
  return {
    ...poll,
    parkedAt: new Set<bigint>(),
    asOf,
    openedAt,
    ...(generation > 0 && { generation }),
    categories: categories.map(categoryFromRow),
  }
}

function categoryFromRow(row: z.infer<typeof PollRow>['categories'][number]): MutableCategoryAggregate {
  const { count, sum, sumSquares, histogram } = row
  return { count, sum, sumSquares, histogram: new Map(histogram) }
}

/** Polls as they are stored, by name. */
export interface StoredPolls {
  readonly polls: ReadonlyMap<string, PollAggregate>
  /** What is wrong with those that contradict themselves, and with those that cannot be read and are not in `polls`. */
  readonly broken: ReadonlyMap<string, string>
}

/** @param rows each with the poll's name, as `poll` */
export function storedPolls(rows: readonly unknown[]): StoredPolls {
  const [polls, broken] = [new Map<string, PollAggregate>(), new Map<string, string>()]
  for (const row of rows) {
    const { poll } = row as { poll: string }
    try {
      const aggregate = aggregateAsStored(row)
      polls.set(poll, aggregate)
      assertConsistent(aggregate)
    } catch (error) {
      if (!(error instanceof InconsistentAggregate)) throw error
      broken.set(poll, error.message)
    }
  }
  return { polls, broken }
}
