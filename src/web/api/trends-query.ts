import { type FieldError, Problem } from '../../errors.ts'
import { invalid, readTrends, type TrendsRequest, type TrendsWords } from '../../queries/trends-request.ts'
import { prefers } from './accept.ts'

export const formats = ['json', 'csv'] as const
type Format = (typeof formats)[number]

const names: readonly string[] = ['bucket', 'from', 'to', 'tz', 'view', 'detail', 'format']

/**
 * What a request for trends asks, and how it wants it told. As for results, a parameter that is not known is refused.
 * @throws {Problem} INVALID_REQUEST with every mistake
 */
export function readTrendsQuery(
  query: object,
  accept: string | undefined,
): { request: TrendsRequest; format: Format } {
  const errors: FieldError[] = []
  const words: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) {
    const field = name.slice(0, 64)
    if (!names.includes(name))
      errors.push({ field, code: 'unknown-parameter', message: `There is no parameter "${field}" here.` })
    else if (typeof value !== 'string')
      errors.push({ field, code: 'wrong-format', message: `${name} must be given once.` })
    else words[name] = value
  }
  const { format, ...rest } = words
  const chosen = formats.find((each) => each === format)
  if (format !== undefined && !chosen)
    errors.push({ field: 'format', code: 'wrong-format', message: 'format must be one of json, csv.' })
  const request = readAll(rest, errors)
  if (errors.length > 0 || !request) throw invalid(errors)
  return { request, format: chosen ?? (prefers(accept, 'text/csv', 'application/json') ? 'csv' : 'json') }
}

/** Adds its mistakes to `errors`, so that all are told together. */
function readAll(words: TrendsWords, errors: FieldError[]): TrendsRequest | undefined {
  try {
    return readTrends(words)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    errors.push(...error.errors)
    return undefined
  }
}
