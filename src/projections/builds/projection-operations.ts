import type { Position } from '../../events/event-log.ts'

/** What is being done about a version that is not live yet. */
export type BuildState =
  /** Nobody has taken it up yet: no process with the projector role runs. */
  | 'waiting'
  /** Ranges of the log are folded into it. */
  | 'filling'
  /** It applies what is appended meanwhile, to be level with the log's head. */
  | 'following'
  /** It is compared with a replay. */
  | 'verifying'
  /** Level with the log and proved: it may be promoted. It is kept level until then. */
  | 'ready'
  | 'paused'
  /** What went wrong is in `lastError`; it can be resumed or cancelled. */
  | 'failed'

export interface Build {
  readonly state: BuildState
  /** Label of the operator, or `start-up`. */
  readonly startedBy: string
  readonly startedAt: Date
  /** Whether it is promoted by itself as soon as it is ready. */
  readonly promoteWhenReady: boolean
  /** Where the log ended when it was last asked. */
  readonly head: Position
  /** Events folded so far. */
  readonly events: number
  /** Events a second, of late. */
  readonly rate: number
  /** Until it is level, at that rate; undefined: not known. */
  readonly secondsLeft: number | undefined
  readonly lastError: string | undefined
}

/** One version of a read model. */
export interface ProjectionVersion {
  /** `category-aggregate` (with its periods), `submissions`. */
  readonly projection: string
  readonly version: number
  /** Of the code that folds it. */
  readonly foldVersion: number
  readonly status: 'live' | 'building' | 'retired'
  /** Every event up to here is in it. */
  readonly position: Position
  /** Of one that is being built. */
  readonly build: Build | undefined
  /** When it went live, if it ever did. */
  readonly promotedAt: Date | undefined
  /** Label of whoever promoted it then. */
  readonly promotedBy?: string | undefined
}

/** An act on versions of a read model, as it was written down when it was done. */
export interface RecordedAct {
  readonly at: Date
  /** Label of the operator, or `start-up`. */
  readonly by: string
  /** `promote`, say. */
  readonly act: string
  readonly projection: string
  readonly versions: readonly number[]
}

/**
 * What operators do with the versions of the read models. Each act is one transaction that somebody wins: who comes too
 * late is told by a Problem what has happened meanwhile. The work itself is done by a process with the projector role.
 */
export interface ProjectionOperations {
  /** Every version of every read model, the newest of each first. */
  list(): Promise<readonly ProjectionVersion[]>
  /** What was done, the newest first. @param limit so many at most */
  recorded(limit: number): Promise<readonly RecordedAct[]>
  /** Begins the next version. @throws {Problem} BUILD_EXISTS, PROJECTION_NOT_FOUND */
  rebuild(projection: string, options: { by: string; promote: boolean }): Promise<ProjectionVersion>
  /** @throws {Problem} NO_BUILD */
  pause(projection: string, by: string): Promise<void>
  /** Also what has failed, or was left by whoever worked on it. @throws {Problem} NO_BUILD */
  resume(projection: string, by: string): Promise<void>
  /** Gives the build up; what it wrote is taken away soon after, but a version that was live once is kept. @throws {Problem} NO_BUILD */
  cancel(projection: string, by: string): Promise<void>
  /** @param version the one that was seen to be ready @throws {Problem} NO_BUILD, BUILD_NOT_READY */
  promote(projection: string, version: number, by: string): Promise<void>
  /**
   * Back to the version that was live before: it is brought level with the log and compared with a replay, and is live
   * then; until that it is listed as one that is being built. @throws {Problem} NO_ROLLBACK, BUILD_EXISTS
   */
  rollback(projection: string, by: string): Promise<void>
  /** Retired versions can be read no more, and are taken away soon after. @returns those */
  prune(projection: string, by: string): Promise<readonly number[]>
}
