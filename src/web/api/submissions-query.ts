import Negotiator from 'negotiator'
import { z } from 'zod'
import { type FieldError, Problem } from '../../errors.ts'
import type { Position } from '../../events/event-log.ts'
import { type ExportFormat, exportFormats, mediaTypes } from '../../queries/exports/formats.ts'
import type { MomentAsked } from '../../queries/exports/moments.ts'
import { asFieldErrors, impossibleTimes, invalid, LAST_POSITION, pastParameters } from './results-query.ts'

/** Rows of a page: it is made in memory. */
const MAX_LIMIT = 10_000

const position = (name: string) =>
  z.string({ error: `${name} must be given once.` }).regex(/^\d{1,19}$/, `${name} must be a decimal number.`)

export const SubmissionsParameters = z.strictObject({
  format: z
    .enum(exportFormats, { error: `format must be one of ${exportFormats.join(', ')}.` })
    .optional()
    .describe('What `Accept` prefers if left out, else CSV'),
  ...pastParameters,
  after: position('after')
    .optional()
    .describe(
      'Cursor: only rows with a greater position; needs `limit`, and `position` or no cursor before it',
    ),
  limit: z
    .string({ error: 'limit must be given once.' })
    .refine(
      (text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MAX_LIMIT,
      `limit must be a number from 1 to ${MAX_LIMIT}.`,
    )
    .optional()
    .describe(`A page of so many rows, ${MAX_LIMIT} at most; \`Link\` leads to the next one`),
  digest: z
    .enum(['', 'true'], { error: 'digest takes no value.' })
    .optional()
    .describe('Instead of the file: its SHA-256, size and rows, and the results that were published then'),
})

/** What a request for submissions asks. */
export interface SubmissionsAsked {
  readonly format: ExportFormat
  readonly moment: MomentAsked
  readonly page: { readonly after: Position; readonly limit: number } | undefined
  readonly digest: boolean
}

/**
 * Reads a request for submissions; a parameter that is not known is refused.
 * @param accept the request's header, which decides where `format` is left out
 * @throws {Problem} INVALID_REQUEST, NOT_ACCEPTABLE, POSITION_NOT_FOUND
 */
export function readSubmissionsQuery(
  query: object,
  accept: string | undefined,
  now: () => Date,
): SubmissionsAsked {
  const parsed = SubmissionsParameters.safeParse({ ...query })
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(asFieldErrors))
  const { asOf, position, after, limit, format, digest } = parsed.data
  const at = asOf === undefined ? undefined : new Date(asOf)
  const errors = [...(at ? impossibleTimes(at, now()) : []), ...contradictions(parsed.data)]
  if (errors.length > 0) throw invalid(errors)
  if (position !== undefined && BigInt(position) > LAST_POSITION) throw new Problem('POSITION_NOT_FOUND')
  return {
    format: format ?? negotiate(accept),
    moment: {
      ...(at && { asOf: at.toISOString() }),
      ...(position !== undefined && { position: BigInt(position) }),
    },
    page: limit === undefined ? undefined : { after: BigInt(after ?? 0), limit: Number(limit) },
    digest: digest !== undefined,
  }
}

function contradictions({
  after,
  limit,
  position,
  digest,
}: z.infer<typeof SubmissionsParameters>): FieldError[] {
  const errors: FieldError[] = []
  if (after !== undefined && limit === undefined)
    errors.push({ field: 'limit', code: 'missing', message: 'after needs limit: the size of the page.' })
  // Pages of different moments would miss some rows and have others twice.
  if (after !== undefined && position === undefined)
    errors.push({
      field: 'position',
      code: 'missing',
      message: 'after needs the position of the first page: follow its Link.',
    })
  if (digest !== undefined && limit !== undefined)
    errors.push({ field: 'digest', code: 'contradiction', message: 'A page has its digest in its headers.' })
  return errors
}

const withoutParameters = new Map(
  exportFormats.map((format) => [mediaTypes[format].split(';', 1)[0]!, format] as const),
)

/** @throws {Problem} NOT_ACCEPTABLE */
function negotiate(accept: string | undefined): ExportFormat {
  const types = [...withoutParameters.keys()]
  const [preferred] = new Negotiator({ headers: { accept } }).mediaTypes(types)
  if (preferred !== undefined) return withoutParameters.get(preferred)!
  throw new Problem('NOT_ACCEPTABLE', {
    detail: `Accept one of ${types.join(', ')}, or give format=${exportFormats.join('|')}.`,
  })
}
