import type { Position } from '../../events/event-log.ts'
import type { PollDefinition } from '../../events/poll-events.ts'
import type { SubmissionRow } from '../../projections/submission-rows.ts'

/** What is exported: the same moment gives the same bytes, whenever it is asked for. */
export interface ExportMoment {
  readonly definition: PollDefinition
  /** Of the last of the poll's events that is in here. */
  readonly position: Position
  /** The latest time that is in here, or the time that was asked for, ISO 8601 in UTC. */
  readonly asOf: string
}

export type Rows = AsyncIterable<readonly SubmissionRow[]>

/** What has to be known before the first row is written, by who needs it (`pb`). */
export interface RowsSummary {
  readonly rows: number
  /** Of the first and of the last that was cast, ISO 8601; undefined without rows. */
  readonly firstSubmittedAt: string | undefined
  readonly lastSubmittedAt: string | undefined
}

/** Writes rows as one file, batch by batch, never more than a few thousand at once. */
export type Encoder = (moment: ExportMoment, rows: Rows) => AsyncGenerator<Buffer>
