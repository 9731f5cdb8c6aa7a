/** What is kept of a poll for every quarter of an hour, so that any time zone's hours, days and months add up of it. */
import type { Position } from '../events/event-log.ts'
import type { CategoryAggregate } from './category-aggregate.ts'

/**
 * The periods are kept twice. By `cast`: what people whose submission was first cast in the period want, at its current
 * value. By `change`: what the events that occurred in the period added and took away, so that the sum of all periods up
 * to a moment is the collective budget as it stood then; its counts may be negative.
 */
export const periodKinds = ['cast', 'change'] as const
export type PeriodKind = (typeof periodKinds)[number]

/** Fine enough for every time zone's midnight: there are offsets of 30 and of 45 minutes. */
export const PERIOD_MS = 15 * 60 * 1000

/** One poll's part of the aggregate in one quarter of an hour; merging all of a poll's `cast` ones gives the whole. */
export interface PeriodAggregate {
  /** Milliseconds since 1970 in UTC, a multiple of `PERIOD_MS`. */
  readonly start: number
  /** Of the last event that changed it. */
  readonly position: Position
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  /** In the order of the poll's categories. */
  readonly categories: readonly CategoryAggregate[]
}

/** A `PeriodAggregate` without histograms. */
export interface PeriodSums {
  readonly start: number
  readonly position: Position
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  /** In the order of the poll's categories, basis points. */
  readonly sums: readonly number[]
  readonly sumSquares: readonly number[]
}

/** What is known of a poll beside its periods, of the same moment. */
export interface PollOfPeriods {
  /** The latest time at which anything that is counted occurred, ISO 8601; null while the poll is not projected. */
  readonly asOf: string | null
  /** Events of the poll that could not be applied. */
  readonly parked: number
}

/** Who was read from was lost before everything had come: asked again, another one answers. */
export class ReaderLost extends Error {
  override readonly name = 'ReaderLost'
}

/** Reads what the projector keeps, of the live version. */
export interface PeriodReader {
  /**
   * Every period of the poll that an event after `since` has changed, in the order of time, in batches, with the
   * projection's checkpoint at that moment (one snapshot of the database for both). Between two versions of the
   * projection nothing can be told from positions: whoever meets another version than before reads it from the start.
   * @param options.atLeast a rank (`rankOf`) that has been shown already: see `PollReader.poll`
   * @throws {ReaderLost}
   */
  sums(
    poll: string,
    kind: PeriodKind,
    options: { readonly since: Position; readonly atLeast?: bigint; readonly signal?: AbortSignal },
  ): Promise<{
    readonly version: number
    /** Of the promotion by which the version became the live one; 0: by none. */
    readonly generation?: number
    readonly checkpoint: Position
    readonly about: PollOfPeriods
    readonly periods: AsyncIterable<readonly PeriodSums[]>
  }>

  /**
   * The poll's periods with their histograms that start at or after `from` and before `to`, in the order of time, all
   * of one snapshot of the database.
   * @throws {ReaderLost}
   */
  aggregates(
    poll: string,
    kind: PeriodKind,
    range: {
      readonly from: number
      readonly to: number
      readonly atLeast?: bigint
      readonly signal?: AbortSignal
    },
  ): AsyncIterable<readonly PeriodAggregate[]>
}
