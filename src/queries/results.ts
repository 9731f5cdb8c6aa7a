import type { Position } from '../events/event-log.ts'
import type { PollDefinition } from '../events/poll-events.ts'
import type { PollAggregate } from '../projections/poll-aggregate.ts'

/** Where an answer came from: O(1), O(categories), O(events). The past always comes from the last. */
export const tiers = ['snapshot', 'projection', 'replay'] as const
export type Tier = (typeof tiers)[number]

export interface Answer {
  readonly tier: Tier
  /** Shared and frozen in time: do not change it. The same object for as long as the same snapshot stands. */
  readonly aggregate: PollAggregate
}

export interface ResultsOptions {
  /** Asks this tier and no other. */
  readonly tier?: Tier
  /** The past: everything up to and including this position … */
  readonly position?: Position
  /**
   * … that occurred up to and including this time, ISO 8601. Without a position, what is imported later may belong to
   * it too.
   */
  readonly asOf?: string
  /** Of today's results: a rank (`rankOf`) that the asker has seen already. What is older is shown only if nothing else is known. */
  readonly atLeast?: bigint
  /** Nobody waits any more. */
  readonly signal?: AbortSignal
}

export interface PollSummary {
  readonly definition: PollDefinition
  readonly status: 'open' | 'closed'
}

/** What can be known of polls: snapshot, else projection, else a full replay, each with a deadline. */
export interface ResultsQuery {
  /**
   * @throws {Problem} POLL_NOT_FOUND, POSITION_NOT_FOUND (beyond the log's head), RESULTS_UNAVAILABLE, REPLAY_BUSY
   */
  results(poll: string, options?: ResultsOptions): Promise<Answer>

  /** Every poll, in the order of opening; the last known ones while they cannot be read. @throws {Problem} RESULTS_UNAVAILABLE */
  polls(): Promise<PollSummary[]>

  /** One poll's definition, by the cheapest way. @throws as `results` */
  poll(poll: string): Promise<PollSummary>
}
