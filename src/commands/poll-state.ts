import type { DomainEvent } from '../events/domain-events.ts'
import type { PollDefinition } from '../events/poll-events.ts'

/** Where a poll stands, as a union by status. */
export type PollState =
  | { readonly status: 'none' }
  | { readonly status: 'open' | 'closed'; readonly definition: PollDefinition }

export const noPoll: PollState = { status: 'none' }

/** What a poll is after `event`, which comes from its own stream. */
export function evolvePoll(state: PollState, event: DomainEvent): PollState {
  switch (event.type) {
    case 'PollOpened': {
      const { occurredAt: _, ...definition } = event.data
      return { status: 'open', definition }
    }
    case 'PollClosed':
      return state.status === 'none' ? state : { ...state, status: 'closed' }
    case 'PollReopened':
      return state.status === 'none' ? state : { ...state, status: 'open' }
    case 'AllocationSubmitted':
    case 'AllocationRevised':
    case 'AllocationWithdrawn':
    case 'SubmissionExcluded':
    case 'SubmissionReinstated':
    case 'EventRetried':
    case 'EventSkipped':
      return state
    default:
      return event satisfies never
  }
}
