import type { ExclusionReason, Via } from '../events/submission-events.ts'

/** Which submissions an operator means: by their ids, or by everything that is set of the rest. */
export interface ExclusionFilter {
  readonly poll: string
  /** Ids of submissions. */
  readonly submissions?: readonly string[] | undefined
  /** First cast at or after this time, ISO 8601. */
  readonly from?: string | undefined
  /** First cast before this time. */
  readonly to?: string | undefined
  readonly via?: Via | undefined
  /** Allocations that were given more than `times` times within `minutes`: all that belong to such a burst. */
  readonly repeated?: { readonly times: number; readonly minutes: number } | undefined
}

/** What an act would do, or has done. */
export interface ExclusionEffect {
  /** How many submissions the filter finds. */
  readonly found: number
  /** How many of them change: the others are so already, or withdrawn. */
  readonly changed: number
  /** How many of them are so already. */
  readonly already?: number
  /** How many of them their owners have withdrawn: those stay so. */
  readonly withdrawn?: number
  /** Ids of some of those, at most a hundred. */
  readonly examples: readonly string[]
  /** The published numbers without and with it: counts, and the mean of each category in basis points. */
  readonly before: ExclusionNumbers
  readonly after: ExclusionNumbers
}

export interface ExclusionNumbers {
  readonly counted: number
  readonly excluded: number
  readonly categories: readonly {
    readonly id: string
    readonly label: string
    readonly mean: number | null
    readonly median: number | null
    readonly truthful: number | null
  }[]
}

/** Sets submissions aside, or takes that back. Both are events on each submission's stream, with the operator's label. */
export interface Exclusions {
  /** What would happen. Changes nothing. @throws {Problem} POLL_NOT_FOUND, INVALID_REQUEST */
  preview(act: 'exclude' | 'reinstate', filter: ExclusionFilter): Promise<ExclusionEffect>
  /** Can be stopped at any moment and asked for again. @param onProgress how many are done, of how many */
  exclude(
    filter: ExclusionFilter,
    options: {
      by: string
      reason: ExclusionReason
      signal?: AbortSignal
      onProgress?: (done: number, of: number) => void
    },
  ): Promise<ExclusionEffect>
  reinstate(
    filter: ExclusionFilter,
    options: { by: string; signal?: AbortSignal; onProgress?: (done: number, of: number) => void },
  ): Promise<ExclusionEffect>
}
