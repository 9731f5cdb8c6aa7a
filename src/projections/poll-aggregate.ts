import type { Position } from '../events/event-log.ts'
import { type PollDefinition, WHOLE } from '../events/poll-events.ts'
import {
  type CategoryAggregate,
  copyCategory,
  emptyCategory,
  type MutableCategoryAggregate,
} from './category-aggregate.ts'

/**
 * Everything that is known of one poll at one position: what every tier returns and what every statistic is
 * computed from.
 */
export interface PollAggregate {
  readonly definition: PollDefinition
  readonly status: 'open' | 'closed'
  /** Position of the event that opened it: the order of the polls. */
  readonly openedAt: Position
  /** Position of the last of the poll's own events that is in here. */
  readonly position: Position
  /** The latest `occurredAt` among them. */
  readonly asOf: string
  /** Events of this poll that could not be applied. */
  readonly parked: number
  /** Where these stand, as far as somebody has to go on from here; readers need not know. */
  readonly parkedAt?: ReadonlySet<Position>
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  /**
   * Of the promotion by which the version that it is from became the live one. What is of a later promotion replaces
   * what is of an earlier one, wherever they stand. Left out: from before any promotion, or replayed.
   */
  readonly generation?: number | undefined
  /** In the order of `definition.categories`. */
  readonly categories: readonly CategoryAggregate[]
}

/** A `PollAggregate` that its owner (the fold) may still change. */
export interface MutablePollAggregate extends PollAggregate {
  status: 'open' | 'closed'
  position: Position
  asOf: string
  parked: number
  readonly parkedAt: Set<Position>
  counted: number
  excluded: number
  withdrawn: number
  readonly categories: readonly MutableCategoryAggregate[]
}

/** A poll just opened: nothing counted yet. */
export const openedPoll = (
  definition: PollDefinition,
  position: Position,
  asOf: string,
): MutablePollAggregate => ({
  definition,
  status: 'open',
  openedAt: position,
  position,
  asOf,
  parked: 0,
  parkedAt: new Set(),
  counted: 0,
  excluded: 0,
  withdrawn: 0,
  categories: definition.categories.map(emptyCategory),
})

/**
 * Which of two aggregates of a poll is the newer one: the one of the later promotion, and of two of the same promotion
 * the one at the later position. Without a promotion it is the position itself.
 */
export const rankOf = ({
  generation = 0,
  position,
}: Pick<PollAggregate, 'generation' | 'position'>): bigint => (BigInt(generation) << 64n) + position

/** The position in a rank. */
export const positionIn = (rank: bigint): bigint => BigInt.asUintN(64, rank)

/** A copy that shares nothing that changes with its original. */
export const copyPoll = (poll: PollAggregate): MutablePollAggregate => ({
  ...poll,
  parkedAt: new Set(poll.parkedAt),
  categories: poll.categories.map(copyCategory),
})

/** An aggregate contradicts itself: whoever loaded it must not serve it. */
export class InconsistentAggregate extends Error {
  override readonly name = 'InconsistentAggregate'
}

/**
 * Asserts what must hold of every aggregate that is loaded from anywhere (statistics.md): each histogram counts every
 * submission once, everything sums to n wholes, and the stored sums are those of the histograms.
 * @throws {InconsistentAggregate}
 */
export function assertConsistent(poll: PollAggregate): void {
  const fail = (what: string): never => {
    throw new InconsistentAggregate(`${poll.definition.poll} at ${poll.position}: ${what}`)
  }
  const { categories, step } = poll.definition
  if (poll.categories.length !== categories.length) fail(`it has ${poll.categories.length} categories`)
  let total = 0
  for (const [index, category] of poll.categories.entries()) {
    const id = categories[index]?.id
    let [count, sum, sumSquares] = [0, 0, 0]
    for (const [value, times] of category.histogram) {
      if (!(value >= 0 && value <= WHOLE && value % step === 0)) fail(`${id} has a share of ${value}`)
      if (!(Number.isInteger(times) && times >= 1)) fail(`${id} counts ${value} ${times} times`)
      count += times
      sum += value * times
      sumSquares += value * value * times
    }
    if (count !== poll.counted || category.count !== poll.counted) fail(`${id} counts ${count} submissions`)
    if (sum !== category.sum) fail(`${id} sums to ${sum}, not ${category.sum}`)
    if (sumSquares !== category.sumSquares) fail(`${id}: squares sum to ${sumSquares}`)
    total += sum
  }
  if (total !== poll.counted * WHOLE) fail(`everything sums to ${total}, not to ${poll.counted} wholes`)
}
