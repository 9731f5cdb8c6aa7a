import type { Position } from '../events/event-log.ts'

/** An event that could not be applied and waits for an operator. */
export interface ParkedEventState {
  readonly position: Position
  /** Undefined: it could not even be read which. */
  readonly poll: string | undefined
  readonly stream: string
  readonly type: string
  readonly error: string
  readonly parkedAt: Date
}

/** What operators do about parked events. Each act is an event of its own in the log. */
export interface ParkedEvents {
  /** Oldest first. */
  list(): Promise<readonly ParkedEventState[]>
  /**
   * Has the projector try them again with today's code.
   * @param positions every parked event if left out
   * @returns what came of it: those that are still parked have the new error
   * @throws {Problem} PARKED_EVENT_NOT_FOUND
   */
  retry(options: { by: string; positions?: readonly Position[] }): Promise<{
    readonly applied: readonly Position[]
    readonly parked: readonly ParkedEventState[]
  }>
  /** Leaves one out for good: it is no longer counted as parked. @throws {Problem} PARKED_EVENT_NOT_FOUND */
  skip(position: Position, options: { by: string; reason: string }): Promise<void>
}
