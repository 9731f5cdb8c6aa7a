/** Counted submissions one by one, as analysts get them: without anything that leads to a person or a public page. */
import type { Position } from '../events/event-log.ts'

export interface SubmissionRow {
  /** Of the event that gave the submission this value; rows come in its order, and it is the cursor. */
  readonly position: Position
  /** 32 hexadecimal digits that follow from the hash of the receipt: see `pseudonymOf`. */
  readonly pseudonym: string
  /** When it was first cast, ISO 8601 in UTC. */
  readonly submittedAt: string
  /** When it got this value, ISO 8601 in UTC; never before `submittedAt`, nor before it got the value before. */
  readonly changedAt: string
  /** Basis points in the order of the poll's categories. */
  readonly shares: readonly number[]
}

/** The moment at which rows are asked for. */
export interface RowsAt {
  /** Everything up to and including this position. */
  readonly position: Position
  /**
   * Only what occurred up to and including this time, ISO 8601. Nothing happens to a submission before what has happened
   * to it already, whatever the clocks said. Where they went back, a replay as of a time between the two differs: it sees
   * the later event without the one that it changes, and parks it, or takes the shares from others who gave the same.
   */
  readonly asOf?: string
}

export interface SubmissionRows {
  /** How far the read model has come: no later position can be asked for. */
  checkpoint(): Promise<Position>

  /**
   * The submissions that counted at that moment, each with its value then, by ascending position, in batches, with
   * constant memory.
   * @param options.after cursor: rows with a greater position only
   * @param options.limit so many rows at most
   */
  rows(
    poll: string,
    at: RowsAt,
    options?: { readonly after?: Position; readonly limit?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<readonly SubmissionRow[]>
}
