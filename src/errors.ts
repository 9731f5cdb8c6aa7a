/**
 * Everything that can be refused, in one table: it feeds problem+json, the error pages, OpenAPI and the docs.
 * `title` is for people and never names a part of the machinery.
 */
export const problems = {
  MALFORMED_REQUEST: { status: 400, title: 'The request could not be read' },
  NOT_AN_OPERATOR: { status: 401, title: 'This needs an operator token' },
  WRONG_RECEIPT: { status: 403, title: 'The receipt does not belong to this submission' },
  NOT_FOUND: { status: 404, title: 'There is nothing at this address' },
  POLL_NOT_FOUND: { status: 404, title: 'There is no such poll' },
  SUBMISSION_NOT_FOUND: { status: 404, title: 'There is no such submission' },
  PROJECTION_NOT_FOUND: { status: 404, title: 'There is no such projection' },
  PARKED_EVENT_NOT_FOUND: { status: 404, title: 'No such event waits for an operator' },
  POSITION_NOT_FOUND: { status: 404, title: 'The log has not come that far' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method' },
  NOT_ACCEPTABLE: { status: 406, title: 'There is none of the formats that you accept' },
  POLL_CLOSED: { status: 409, title: 'The poll is closed' },
  POLL_OPEN: { status: 409, title: 'The poll is open already' },
  POLL_EXISTS: { status: 409, title: 'There is a poll of this name with other contents' },
  SUBMISSION_WITHDRAWN: { status: 409, title: 'The submission has been withdrawn' },
  SUBMISSION_EXCLUDED: { status: 409, title: 'The submission has been set aside by an operator' },
  BUILD_EXISTS: { status: 409, title: 'Another version is being built already' },
  NO_BUILD: { status: 409, title: 'No version is being built' },
  BUILD_NOT_READY: { status: 409, title: 'The version that is being built is not ready' },
  NO_ROLLBACK: { status: 409, title: 'There is no version to go back to' },
  SUBMISSION_CHANGED: { status: 409, title: 'The submission was changed many times at once' },
  STALE_PAGE: { status: 409, title: 'The page was out of date' },
  BODY_TOO_LARGE: { status: 413, title: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Send this as application/json in UTF-8' },
  INVALID_ALLOCATION: { status: 422, title: 'The allocation does not add up' },
  INVALID_REQUEST: { status: 422, title: 'The request is not valid' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'This idempotency key has been used for another allocation',
  },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  INTERNAL_ERROR: { status: 500, title: 'Something went wrong on our side' },
  EVENT_LOG_UNAVAILABLE: { status: 503, title: 'The record of submissions cannot be reached at the moment' },
  RESULTS_UNAVAILABLE: { status: 503, title: 'The results cannot be read at the moment' },
  SUBMISSIONS_UNAVAILABLE: { status: 503, title: 'The submissions cannot be read at the moment' },
  EXPORT_BUSY: { status: 503, title: 'Too many exports are under way at the moment' },
  REPLAY_BUSY: { status: 503, title: 'Too much history is being recomputed at the moment' },
} as const

export type ProblemCode = keyof typeof problems

/** One mistake in what was sent, in the sender's terms. `field` is a category id or a field's name. */
export interface FieldError {
  readonly field?: string
  readonly code: string
  readonly message: string
}

export interface ProblemDetails {
  /** A whole sentence about this very case. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  /** What `detail` tells, for who says it in other words; the API does not show it. */
  readonly facts?: Readonly<Record<string, string>>
  /** Seconds after which to try again. */
  readonly retryAfter?: number
  readonly cause?: unknown
}

/** A refusal. The web turns it into problem+json or a page, the command line into a sentence. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[]
  readonly facts: Readonly<Partial<Record<string, string>>>
  readonly retryAfter: number | undefined

  constructor(
    code: ProblemCode,
    { detail, errors = [], facts = {}, retryAfter, cause }: ProblemDetails = {},
  ) {
    super(detail ?? problems[code].title, { cause })
    this.code = code
    this.detail = detail
    this.errors = errors
    this.facts = facts
    this.retryAfter = retryAfter
  }

  get status(): number {
    return problems[this.code].status
  }
}
