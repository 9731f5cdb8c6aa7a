import type { z } from 'zod'
import { type FieldError, Problem } from '../../errors.ts'
import type { JsonBody } from './json-body.ts'

/** What an operator sends, checked by its schema. @throws {Problem} MALFORMED_REQUEST, INVALID_REQUEST */
export function bodyAs<T>(schema: z.ZodType<T>, body: unknown): T {
  if (body === undefined || body === null)
    throw new Problem('MALFORMED_REQUEST', { detail: 'The body is empty: send JSON.' })
  const { value, repeated } = body as JsonBody
  const parsed = schema.safeParse(value)
  const errors = [
    ...repeated.map((name) => mistake(name, 'repeated', `"${name.slice(0, 64)}" is given more than once.`)),
    ...(parsed.success ? [] : parsed.error.issues.flatMap(mistakesIn)),
  ]
  if (parsed.success && errors.length === 0) return parsed.data
  throw new Problem('INVALID_REQUEST', { detail: errors.map(({ message }) => message).join(' '), errors })
}

const mistake = (field: string, code: string, message: string): FieldError => ({
  field: field.slice(0, 64),
  code,
  message,
})

function mistakesIn(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) =>
      mistake(name, 'unknown-field', `There is no field "${name.slice(0, 64)}" here.`),
    )
  const field = issue.path.join('.')
  if (field === '') return [{ code: 'wrong-type', message: issue.message }]
  return [mistake(field, 'not-valid', `${field.slice(0, 64)}: ${issue.message}`)]
}
