import type { RecordedEvent } from './event-log.ts'

/**
 * Events of a batch that stand one after the other, are all `AllocationSubmitted`, of one version and one poll, with the
 * same categories: the same once more as columns, for who does not want an object for each. Nothing in it is checked.
 */
export interface SubmittedRun {
  /** Place of its first event in the batch. */
  readonly at: number
  readonly length: number
  readonly schemaVersion: number
  readonly poll: string
  /** Ids, in no particular order. */
  readonly categories: readonly string[]
  /** For each of the categories: basis points of each event. */
  readonly shares: readonly Uint16Array[]
  /** Of the event at this place in the run. */
  readonly occurredAt: (index: number) => string
  /** The earliest and the latest `occurredAt`, where the log has seen to it that each is an instant as they are written. */
  readonly span?: { readonly earliest: string; readonly latest: string }
}

/** Consecutive events; a log that stores some in columns says so. */
export type EventBatch = RecordedEvent[] & { readonly runs?: readonly SubmittedRun[] }
