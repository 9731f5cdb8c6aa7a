import type { FieldError } from '../errors.ts'
import { type PollDefinition, WHOLE } from '../events/poll-events.ts'
import type { Allocation } from '../events/submission-events.ts'

export type CheckedAllocation =
  | { readonly allocation: Allocation }
  | { readonly errors: readonly FieldError[] }

/** Basis points as people read them: 2550 → `25.5 %`. */
export const percent = (basisPoints: number): string => `${basisPoints / 100} %`

/**
 * Checks an allocation against a poll's categories and step, and completes it: a category left out gets 0.
 * @param input anything at all; meant is category id → basis points
 * @returns the allocation in the order of the poll's categories, or every mistake found
 */
export function checkAllocation(definition: PollDefinition, input: unknown): CheckedAllocation {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return {
      errors: [{ code: 'wrong-type', message: 'The allocation must be an object: category → basis points.' }],
    }
  const given = new Map<string, unknown>(Object.entries(input))
  const errors: FieldError[] = []
  const allocation: Record<string, number> = {}
  let sum = 0
  for (const { id, label } of definition.categories) {
    const value = given.get(id) ?? (given.has(id) ? null : 0)
    given.delete(id)
    const error = checkValue(value, definition.step, label)
    if (error) errors.push({ field: id, ...error })
    // Adding 0 turns -0, which JSON can carry, into 0: the log's JSON cannot.
    else sum += allocation[id] = (value as number) + 0
  }
  for (const id of given.keys())
    errors.push({
      field: id.slice(0, 64),
      code: 'unknown-category',
      message: 'The poll has no such category.',
    })
  if (errors.length === 0 && sum !== WHOLE) errors.push(wrongSum(sum))
  return errors.length > 0 ? { errors } : { allocation }
}

function checkValue(value: unknown, step: number, label: string): Omit<FieldError, 'field'> | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { code: 'wrong-type', message: `${label} must be a number of basis points.` }
  if (!Number.isInteger(value))
    return { code: 'fractional', message: `${label} must be a whole number of basis points, not ${value}.` }
  if (value < 0) return { code: 'negative', message: `${label} cannot be less than 0.` }
  if (value > WHOLE) return { code: 'too-large', message: `${label} cannot be more than 100 % (${WHOLE}).` }
  if (value % step !== 0)
    return {
      code: 'off-step',
      message: `${label} must be in steps of ${percent(step)} (${step} basis points).`,
    }
  return undefined
}

function wrongSum(sum: number): FieldError {
  const away = Math.abs(WHOLE - sum)
  const what = sum < WHOLE ? `${percent(away)} is still to be given out` : `that is ${percent(away)} too much`
  return {
    code: 'wrong-sum',
    message: `The shares must sum to 100 %, but they sum to ${percent(sum)}: ${what}.`,
  }
}
