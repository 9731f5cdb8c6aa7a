import { checkAllocation } from '../../commands/allocation.ts'
import type { PollCatalogue } from '../../commands/poll-catalogue.ts'
import { type FieldError, Problem } from '../../errors.ts'
import type { JsonBody } from './json-body.ts'

const onlyField = 'allocation'

/**
 * Takes the allocation out of a body. The values are left to the command; only if the body around them is wrong are
 * they checked here too, so that all mistakes are told at once.
 * @param otherErrors mistakes already found in the same request
 * @throws {Problem} MALFORMED_REQUEST, INVALID_REQUEST, INVALID_ALLOCATION, POLL_NOT_FOUND
 */
export async function allocationIn(
  body: unknown,
  poll: string,
  polls: PollCatalogue,
  otherErrors: readonly FieldError[] = [],
): Promise<unknown> {
  if (body === undefined || body === null)
    throw new Problem('MALFORMED_REQUEST', { detail: 'The body is empty: send {"allocation": {…}} as JSON.' })
  const { value, repeated } = body as JsonBody
  const around = [...otherErrors, ...mistakesAround(value)]
  const allocation = ownField(value)
  if (around.length === 0 && repeated.length === 0) return allocation
  const { definition } = await polls.get(poll)
  const checked = allocation === undefined ? undefined : checkAllocation(definition, allocation)
  const errors = [
    ...around,
    ...repeated.map(repeatedName),
    ...(checked && 'errors' in checked ? checked.errors : []),
  ]
  throw new Problem(around.length > 0 ? 'INVALID_REQUEST' : 'INVALID_ALLOCATION', {
    detail: errors.map(({ message }) => message).join(' '),
    errors,
  })
}

/** An inherited property is no field: the body may be called `__proto__`, or anything else. */
const ownField = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, onlyField)
    ? (value as { allocation: unknown })[onlyField]
    : undefined

function mistakesAround(value: unknown): FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ code: 'wrong-type', message: 'The body must be an object: {"allocation": {…}}.' }]
  const unknown = Object.keys(value).filter((name) => name !== onlyField)
  const errors = unknown.map((name) => ({
    field: name.slice(0, 64),
    code: 'unknown-field',
    message: `There is no field "${name.slice(0, 64)}" here.`,
  }))
  if (Object.hasOwn(value, onlyField)) return errors
  return [{ field: onlyField, code: 'missing', message: 'The allocation is missing.' }, ...errors]
}

const repeatedName = (name: string): FieldError => ({
  field: name.slice(0, 64),
  code: 'repeated',
  message: `"${name.slice(0, 64)}" is given more than once.`,
})
