/** What the threads that build can be asked. */
import type { Position } from '../../events/event-log.ts'
import type { AskedThread } from '../../threads/asked-thread.ts'
import type { BuildableName } from './read-models.ts'
import type { Verified } from './verify-version.ts'

/** What a thread is started with: where things are, for it cannot be handed the things themselves. */
export interface BuildWorkerData {
  /** Of the read models, and of the log unless there is an EventStoreDB. */
  readonly databaseUrl: string
  /** Where months that are no longer in the database are; only with the log in PostgreSQL. */
  readonly archiveDir?: string
  readonly eventStore?: { readonly url: string; readonly prefix: string }
  /** PEM certificates of authorities to believe besides. */
  readonly tlsCa?: string | undefined
}

/** A thread that builds. */
export type BuildThread = Pick<AskedThread<BuildJobs>, 'ask' | 'close'>

/** One version of a read model. */
export interface VersionOf {
  readonly projection: BuildableName
  readonly version: number
}

/** A stretch of the log. */
export interface Range {
  readonly after: Position
  readonly upTo: Position
  /** It ends after so many events. */
  readonly maxEvents?: number
}

/** How far a piece of work has come. */
export interface Reached {
  readonly position: Position
  /** Events that were read for it. */
  readonly events: number
}

export interface BuildJobs {
  /** Folds a range, whatever is before it; what comes of it waits in the thread. */
  readonly prepare: { readonly question: VersionOf & Range; readonly answer: Reached }
  /** Stores what was prepared, once everything before it is stored. @returns whether it had to be folded again */
  readonly commit: { readonly question: undefined; readonly answer: boolean }
  /** Does what is left to do once all ranges are stored: from then on what comes next can be applied. */
  readonly complete: {
    readonly question: VersionOf & Required<Pick<Range, 'maxEvents'>>
    readonly answer: undefined
  }
  /** Applies what comes next in the log, in order. */
  readonly advance: { readonly question: VersionOf & Pick<Range, 'upTo'>; readonly answer: Reached }
  /** Compares what is stored with a replay of everything. */
  readonly verify: { readonly question: VersionOf; readonly answer: Verified }
}
