import { isDeepStrictEqual } from 'node:util'
import type { Allocation } from '../../src/events/submission-events.ts'
import type { HttpAnswer } from './ask.ts'
import type { Command, OwnSubmission } from './ledger.ts'

/** What the API says to a command that it has carried out, or of a submission. */
export interface Acknowledgement {
  readonly submission: string
  readonly receipt?: string
  readonly position: string
  readonly status?: string
  readonly allocation?: Allocation
}

/** Undefined if it is none. */
export function parse({ text }: HttpAnswer): Acknowledgement | undefined {
  try {
    const parsed = JSON.parse(text) as Acknowledgement
    return typeof parsed.submission === 'string' && /^\d+$/.test(parsed.position) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** The submission that a first acknowledgement makes. */
export const newSubmission = (
  { key, allocation }: Command,
  { submission: id, receipt = '', position }: Acknowledgement,
): OwnSubmission => ({
  key,
  id,
  receipt,
  position,
  first: allocation!,
  allocation: allocation!,
  status: 'counted',
  frozen: false,
})

/** Writes down what was acknowledged. @returns what is wrong with it */
export function acknowledge(
  { kind, allocation }: Command,
  known: OwnSubmission,
  answer: Acknowledgement,
): string | undefined {
  const { submission: id, receipt, position, status } = answer
  if (id !== known.id) return 'another submission'
  switch (kind) {
    case 'submit':
      return undefined
    case 'repeat':
      return receipt === known.receipt && position === known.position ? undefined : 'not the first answer'
    case 'revise':
      known.allocation = allocation!
      return status === 'counted' && isDeepStrictEqual(answer.allocation, allocation)
        ? undefined
        : 'not as revised'
    case 'withdraw':
      known.status = 'withdrawn'
      return status === 'withdrawn' ? undefined : 'not withdrawn'
    default:
      return kind satisfies never
  }
}
