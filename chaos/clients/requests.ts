/** What a command is as a request, and which command may come next. */
import { isDeepStrictEqual } from 'node:util'
import type { Command, CommandKind, OwnSubmission } from './ledger.ts'

/** Whether a command of this kind may be about this submission. */
export function mayBe(kind: CommandKind, { status, frozen }: OwnSubmission): boolean {
  if (kind === 'submit') return false
  return kind === 'repeat' || (status === 'counted' && (kind === 'withdraw' || !frozen))
}

/** A revision to what it is already: nothing happens. */
export const isSame = ({ kind, allocation, submission }: Command): boolean =>
  kind === 'revise' && isDeepStrictEqual(allocation, submission?.allocation)

export function requestFor({ kind, key, allocation, submission }: Command, poll: string) {
  const own = { path: `/api/submissions/${submission?.id}`, headers: { receipt: submission?.receipt ?? '' } }
  switch (kind) {
    case 'submit':
    case 'repeat':
      return {
        path: `/api/polls/${poll}/submissions`,
        method: 'POST',
        headers: { 'idempotency-key': key },
        json: { allocation },
      }
    case 'revise':
      return { ...own, method: 'PUT', json: { allocation } }
    case 'withdraw':
      return { ...own, method: 'DELETE' }
    default:
      return kind satisfies never
  }
}

export const describe = ({ number, kind, key, attempts }: Command): string =>
  `${kind} ${number} (key ${key}, attempt ${attempts.length})`
