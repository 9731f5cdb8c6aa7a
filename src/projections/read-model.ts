import type { Position, RecordedEvent } from '../events/event-log.ts'
import type { ParkedEvent } from './fold.ts'

/** What a projector keeps up to the log. How it stays in step is the projector's matter; what it keeps, its own. */
export interface ReadModel {
  /** Its name among the projections. Under the same name the bus keeps how far it has been listened to. */
  readonly name: string
  readonly pace: Pace
  /** Goes on from what is stored. */
  load(): Promise<ActiveReadModel>
}

/** How far apart its commits start at least, while it follows: what arrives meanwhile goes together. Milliseconds. */
export interface Pace {
  readonly usualMs: number
  /** Where thousands of events arrive in a second, since writing them down takes from those who submit. */
  readonly busyMs: number
}

/** A read model in the hands of its one active projector. Of no use any more after a failure: load it anew. */
export interface ActiveReadModel {
  /** Every event up to here is in it. */
  readonly checkpoint: Position

  /**
   * Applies the events that come next in the log, at least one: writes what they change and moves the checkpoint to
   * the last of them, in one transaction.
   * @returns those that could not be applied; they never stop the rest
   * @throws {CheckpointMoved} if another projector has moved the stored checkpoint; nothing is written then
   */
  commit(events: readonly RecordedEvent[]): Promise<readonly ParkedEvent[]>

  /** Whether there is something to be made up for beside following: then `makeUp` is called until there is not. */
  readonly hasMore?: boolean

  /** Does a little of that, so that following goes on in between. */
  makeUp?(signal: AbortSignal): Promise<void>

  /** Called every second or so: for what has to be made ahead of time. */
  prepare?(): Promise<void>

  /** Tells others what the commits since the last call have changed; at first, everything. Its failures stop nothing. */
  show(): Promise<void>

  /** This projector is no longer the active one. */
  close?(): Promise<void>
}

/** What is asked for is newer than what this database has. */
export class NotSoFar extends Error {
  override readonly name = 'NotSoFar'
}

/** Another projector moved the checkpoint: whoever meets this must start anew from what is stored. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved'
}

/** Another version has become the live one: that one is to be kept from now on, and by the same projector. */
export class VersionReplaced extends CheckpointMoved {
  constructor(projection: string, version: number) {
    super(`version ${version} of ${projection} is no longer the live one`)
  }
}

/** The stored projection was made by other code than today's: going on from it would mix the two. */
export class FoldChanged extends Error {
  override readonly name = 'FoldChanged'

  constructor(projection: string, { made, today }: { readonly made: number; readonly today: number }) {
    super(
      `The projection ${projection} was made by version ${made} of the fold, and this program has version ${today}: it ` +
        'has to be rebuilt, until then it stands still (taxbudget projections rebuild --promote).',
    )
  }
}
