import type { PollAggregate } from './poll-aggregate.ts'

/** Reads the polls that the projector keeps, of the live version. */
export interface PollReader {
  /**
   * @param atLeast a rank (`rankOf`) that has been shown already: of several databases one is asked that has come so
   * far; where none has, the one that all others follow answers with what there is
   * @returns undefined if there is no such poll
   * @throws {InconsistentAggregate}
   */
  poll(poll: string, atLeast?: bigint): Promise<PollAggregate | undefined>

  /** Every poll in the order of opening, without its numbers. */
  definitions(): Promise<Pick<PollAggregate, 'definition' | 'status'>[]>
}
