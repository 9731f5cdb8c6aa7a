/** How a PollAggregate is written down outside of the process and read again. */
import { z } from 'zod'
import { Instant, PollDefinition } from '../events/poll-events.ts'
import { FOLD_VERSION } from './fold.ts'
import { assertConsistent, type MutablePollAggregate, type PollAggregate, rankOf } from './poll-aggregate.ts'

/** What is written by another form or another fold than today's must not be found: both are in the key. */
const FORM = `v1-${FOLD_VERSION}`

/**
 * Where the snapshot of `poll` is kept.
 * @param database whose read model it is of: two that share a store must not mix
 */
export const snapshotKey = (database: string, poll: string): string =>
  `taxbudget:snapshot:${FORM}:${database}:${poll}`

/** Decimal and without leading zeros: two are compared as strings, by their length, then their bytes. */
export const isPosition = (text: string): boolean => /^(0|[1-9]\d*)$/.test(text)

const position = z.string().refine(isPosition).transform(BigInt)
const count = z.int().min(0)

const StoredSnapshot = z.strictObject({
  definition: PollDefinition,
  status: z.enum(['open', 'closed']),
  openedAt: position,
  position,
  asOf: Instant,
  parked: count,
  parkedAt: z.array(position).default([]),
  counted: count,
  excluded: count,
  withdrawn: count,
  generation: count.optional(),
  categories: z.array(
    z.strictObject({
      count,
      sum: count,
      sumSquares: count,
      // What is in it is checked with the rest of the aggregate: there may be a hundred thousand.
      histogram: z.custom<readonly (readonly [number, number])[]>(Array.isArray),
    }),
  ),
})

/** `aggregate` as readers need it, as text. `readSnapshot` reads it again. */
export const writeSnapshot = ({ parkedAt: _, ...aggregate }: PollAggregate): string => write(aggregate)

/** `aggregate` as text, whole: a fold can go on from it. `readAggregate` reads it again. */
export const writeAggregate = ({ parkedAt = new Set(), ...aggregate }: PollAggregate): string =>
  write({ ...aggregate, parkedAt: [...parkedAt].map(String) })

const write = ({ categories, ...poll }: Omit<PollAggregate, 'parkedAt'> & { parkedAt?: string[] }): string =>
  JSON.stringify({
    ...poll,
    openedAt: String(poll.openedAt),
    position: String(poll.position),
    categories: categories.map(({ histogram, ...sums }) => ({ ...sums, histogram: [...histogram] })),
  })

/**
 * What `writeSnapshot` wrote of `poll`, of this rank (`rankOf`).
 * @throws when it is anything else, or contradicts itself
 */
export function readSnapshot(text: string, poll: string, rank: bigint): PollAggregate {
  const aggregate = readAggregate(JSON.parse(text))
  const found = `${aggregate.definition.poll} of rank ${rankOf(aggregate)}`
  if (found !== `${poll} of rank ${rank}`) throw new Error(`it is of ${found}`)
  return aggregate
}

/** What `writeAggregate` wrote, parsed as JSON. @throws when it is anything else, or contradicts itself */
export function readAggregate(json: unknown): MutablePollAggregate {
  const { categories, parkedAt, ...stored } = StoredSnapshot.parse(json)
  const aggregate = {
    ...stored,
    parkedAt: new Set(parkedAt),
    categories: categories.map(({ histogram, ...sums }) => ({ ...sums, histogram: new Map(histogram) })),
  }
  assertConsistent(aggregate)
  return aggregate
}
