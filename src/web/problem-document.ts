import { type FieldError, type Problem, type ProblemCode, problems } from '../errors.ts'

/** A refusal as RFC 9457 writes it, with our `code` and, where there are several mistakes, `errors`. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail?: string
  readonly errors?: readonly FieldError[]
}

/** Names the kind of problem. It leads nowhere: the kinds are described in the API's documentation. */
const problemType = (code: ProblemCode): string =>
  `urn:taxbudget:problem:${code.toLowerCase().replaceAll('_', '-')}`

/** A request can hold thousands of mistakes: the answer must not grow with them. */
const MAX_ERRORS = 50
const MAX_DETAIL = 2000

/** What the API answers when it refuses. */
export const problemDocument = ({ code, detail, errors }: Problem): ProblemDocument => ({
  type: problemType(code),
  title: problems[code].title,
  status: problems[code].status,
  code,
  ...(detail !== undefined && { detail: shorten(detail) }),
  ...(errors.length > 0 && { errors: errors.slice(0, MAX_ERRORS) }),
})

const shorten = (text: string): string => (text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text)
