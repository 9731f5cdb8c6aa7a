import { Problem, type ProblemCode } from '../errors.ts'

/** fastify's own complaints, and those of its plugins, as our problems. Whatever is not here is told by its status. */
const known: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_BAD_URL: [
    'MALFORMED_REQUEST',
    'The address holds a % that is not followed by a valid UTF-8 encoding.',
  ],
  FST_ERR_MAX_PARAM_LENGTH: ['NOT_FOUND', 'No name is as long as the one in this address.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'Send at most 64 KiB.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'MALFORMED_REQUEST',
    'The body is not as long as Content-Length says.',
  ],
  ECONNRESET: ['MALFORMED_REQUEST', 'The request ended before it was complete.'],
}

const byStatus: Readonly<Record<number, ProblemCode>> = {
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'INVALID_REQUEST',
  429: 'TOO_MANY_REQUESTS',
}

/** Anything thrown, as one of our problems. What nobody foresaw is an INTERNAL_ERROR that names `requestId`. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode } = asErrorData(error)
  const entry = code !== undefined && Object.hasOwn(known, code) ? known[code] : undefined
  if (entry) return new Problem(entry[0], { detail: entry[1], cause: error })
  if (statusCode >= 400 && statusCode < 500)
    return new Problem(byStatus[statusCode] ?? 'MALFORMED_REQUEST', { cause: error })
  return new Problem('INTERNAL_ERROR', {
    detail: `Nothing is wrong with your request. If this happens again, report it with the number ${requestId}.`,
    facts: { number: requestId },
    cause: error,
  })
}

function asErrorData(error: unknown): { code: string | undefined; statusCode: number } {
  if (typeof error !== 'object' || error === null) return { code: undefined, statusCode: 500 }
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  return {
    code: typeof code === 'string' ? code : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
  }
}
