import type { FieldError, ProblemCode } from '../errors.ts'
import type { DomainEvent } from '../events/domain-events.ts'

/** Why a command has no effect, as data. */
export interface Rejection {
  readonly code: ProblemCode
  readonly detail?: string
  readonly errors?: readonly FieldError[]
}

/** What a command leads to: events (none if it is already so), or a rejection. */
export type Decision = { readonly events: readonly DomainEvent[] } | { readonly rejection: Rejection }

export const accept = (...events: readonly DomainEvent[]): Decision => ({ events })

export const reject = (code: ProblemCode, details: Omit<Rejection, 'code'> = {}): Decision => ({
  rejection: { code, ...details },
})
