import type { RecordedEvent } from '../events/event-log.ts'
import type { SkipReason } from '../events/operator-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import type { ParkedEventActs } from './parked-event-state.ts'
import { aboutParked } from './retry-event.ts'

export interface SkipEvent {
  /** The parked event as it stands in the log. */
  readonly parked: Pick<RecordedEvent, 'position' | 'data'>
  readonly reason: SkipReason
  /** Label of the operator. */
  readonly by: string
  readonly occurredAt: string
}

/** Leaves a parked event out for good, once. */
export function decideSkipEvent(
  { parked, reason, by, occurredAt }: SkipEvent,
  state: ParkedEventActs,
): Decision {
  if (state === 'skipped')
    return reject('PARKED_EVENT_NOT_FOUND', { detail: `${parked.position} was left out already.` })
  return accept({ type: 'EventSkipped', data: { ...aboutParked(parked), by, occurredAt, reason } })
}
