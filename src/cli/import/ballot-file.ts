/** What a file of ballots gives, whatever its format. */

/** A line that could not be used, and why: a predicate, so that `line 12 …` makes a sentence. */
export interface RejectedLine {
  readonly line: number
  readonly reason: string
}

export interface Ballot {
  /** The voter's name within the poll: the same name is the same submission. */
  readonly voter: string
  /** Basis points in the order of the file's categories, summing to 10 000. */
  readonly shares: readonly number[]
  /** When it was cast, ISO 8601 in UTC. */
  readonly occurredAt: string
}

/** What stands on one line: a ballot, or the reason why there is none. */
export type Row = { readonly line: number; readonly end: number } & (
  | { readonly ballot: Ballot }
  | { readonly reason: string }
)

export interface FileCategory {
  readonly id: string
  readonly label: string
}

export interface BallotFile {
  readonly title: string | undefined
  /** ISO 4217. */
  readonly currency: string | undefined
  /** What whoever wrote the file adds. */
  readonly comment?: string | undefined
  /** In the order in which a poll opened from the file would have them. */
  readonly categories: readonly FileCategory[]
  /** Lines before the ballots that could not be used. */
  readonly rejected: readonly RejectedLine[]
  /** How many ballots the file says it has; fewer or more: it may have been cut off. */
  readonly announced: number | undefined
  /** When a poll opened from the file opens: no ballot was cast before it. */
  readonly opensAt: () => Promise<string>
  /** The ballots, line by line; can be read once. */
  readonly rows: () => AsyncIterable<Row>
}

/** Nothing of the file can be imported. */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
}
