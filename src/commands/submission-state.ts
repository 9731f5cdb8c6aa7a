import type { DomainEvent } from '../events/domain-events.ts'
import type { Allocation, Via } from '../events/submission-events.ts'

interface Cast {
  readonly poll: string
  readonly submittedAt: string
  readonly receiptHash: string
  readonly via: Via
  /** The allocation that counts, counted before it was excluded, or was given last before it was withdrawn. */
  readonly allocation: Allocation
}

/** Where a submission stands, as a union by status. */
export type SubmissionState =
  | { readonly status: 'none' }
  | ({ readonly status: 'counted' | 'excluded' | 'withdrawn' } & Cast)

export type CastSubmission = Exclude<SubmissionState, { status: 'none' }>

export const noSubmission: SubmissionState = { status: 'none' }

/** What a submission is after `event`, which comes from its own stream. */
export function evolveSubmission(state: SubmissionState, event: DomainEvent): SubmissionState {
  if (event.type === 'AllocationSubmitted') {
    const { poll, occurredAt, receiptHash, via, allocation } = event.data
    return { status: 'counted', poll, submittedAt: occurredAt, receiptHash, via, allocation }
  }
  if (state.status === 'none') return state
  switch (event.type) {
    case 'AllocationRevised':
      return { ...state, allocation: event.data.allocation }
    case 'AllocationWithdrawn':
      return { ...state, status: 'withdrawn' }
    case 'SubmissionExcluded':
      return { ...state, status: 'excluded' }
    case 'SubmissionReinstated':
      return { ...state, status: 'counted' }
    case 'PollOpened':
    case 'PollClosed':
    case 'PollReopened':
    case 'EventRetried':
    case 'EventSkipped':
      return state
    default:
      return event satisfies never
  }
}
