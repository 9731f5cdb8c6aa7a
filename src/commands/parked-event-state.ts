import type { DomainEvent } from '../events/domain-events.ts'

/** What operators have done about one parked event. Whether it is parked still, the projection knows. */
export type ParkedEventActs = 'none' | 'retried' | 'skipped'

/** What has been done after `event`, which comes from the stream of that parked event. */
export function evolveParkedEvent(state: ParkedEventActs, event: DomainEvent): ParkedEventActs {
  switch (event.type) {
    case 'EventRetried':
      return state === 'skipped' ? state : 'retried'
    case 'EventSkipped':
      return 'skipped'
    case 'PollOpened':
    case 'PollClosed':
    case 'PollReopened':
    case 'AllocationSubmitted':
    case 'AllocationRevised':
    case 'AllocationWithdrawn':
    case 'SubmissionExcluded':
    case 'SubmissionReinstated':
      return state
    default:
      return event satisfies never
  }
}
