/** What a thread that replays can be asked. */
import type { MutablePollAggregate, PollAggregate } from '../projections/poll-aggregate.ts'
import type { Segment, SegmentRange } from '../projections/poll-states/segment.ts'
import type { PastQuestion } from './past/answer-past.ts'
import type { RangeAnswer, RangeQuestion } from './ranges/range-fold.ts'
import type { SelectionAnswer, SelectionQuestion } from './selection/select-submissions.ts'

/** What the thread is started with: where things are, for it cannot be handed the things themselves. */
export interface ReplayWorkerData {
  /** Of the stored states, and of the log unless there is an EventStoreDB. */
  readonly databaseUrl: string
  /** Where months that are no longer in the database are; only with the log in PostgreSQL. */
  readonly archiveDir?: string
  /** PEM of authorities that the thread believes beside the known ones. */
  readonly tlsCa?: string | undefined
  /** Whether what reads the log for it leaves half of the processors alone. */
  readonly leavesHalf?: boolean
  readonly eventStore?: { readonly url: string; readonly prefix: string }
}

/** Everything up to a position, or to a time, or to the head, from the log alone. */
export interface WholeQuestion {
  readonly upTo?: bigint
  readonly asOf?: string
}

/** Each job with its question and its answer. */
export interface ReplayJobs {
  /** Every poll. */
  readonly whole: { readonly question: WholeQuestion; readonly answer: readonly PollAggregate[] }
  /** One poll at a moment. */
  readonly past: { readonly question: PastQuestion; readonly answer: MutablePollAggregate | undefined }
  /** A part of the log for one poll. */
  readonly range: { readonly question: RangeQuestion; readonly answer: RangeAnswer }
  /** Submissions that are meant by a filter. */
  readonly selection: { readonly question: SelectionQuestion; readonly answer: SelectionAnswer }
  /** The next stored states. */
  readonly segment: { readonly question: SegmentRange; readonly answer: Segment | undefined }
}

export type ReplayJob = keyof ReplayJobs
