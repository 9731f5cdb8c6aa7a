import type { Exclusions } from '../../commands/exclusions.ts'
import type { Doctor } from '../../doctor/check.ts'
import type { Position } from '../../events/event-log.ts'
import type { ProcessRegistry } from '../../processes/process-state.ts'
import type { ProjectionOperations } from '../../projections/builds/projection-operations.ts'
import type { ParkedEvents } from '../../projections/parked-events.ts'
import type { PollOperations } from './polls/poll-operations.ts'
import type { SignedOutSessions } from './session/sessions.ts'

/** Everything that the console looks at and acts on; it reaches for nothing else. */
export interface OperatorContext {
  readonly projections: ProjectionOperations
  readonly parked: ParkedEvents
  readonly exclusions: Exclusions
  readonly processes: ProcessRegistry
  readonly signedOut: SignedOutSessions
  readonly doctor: Doctor
  readonly polls: PollOperations
  readonly log: {
    head(): Promise<Position>
    /** How far apart the positions of two events are: 1 where every position is an event's. */
    readonly positionsPerEvent: bigint
  }
}
