import { z } from 'zod'
import { type FieldError, Problem } from '../../errors.ts'
import { type ResultsOptions, tiers } from '../../queries/results.ts'

/** No log of any adapter counts further. */
export const LAST_POSITION = 2n ** 63n - 1n

/** What asks for the past. */
export const pastParameters = {
  asOf: z.iso
    .datetime({
      offset: true,
      error: 'asOf must be a time such as 2026-11-23T10:00:00Z; in an address write + as %2B.',
    })
    .optional()
    .describe(
      'The past: everything that occurred up to and including this time, ISO 8601. What is imported later may have occurred before: with `position` the answer stays the same for good',
    )
    .meta({ examples: ['2026-11-23T10:00:00Z'] }),
  position: z
    .string({ error: 'position must be given once.' })
    .regex(/^\d{1,40}$/, 'position must be a decimal number.')
    .optional()
    .describe('The past: everything up to and including this position')
    .meta({ examples: ['1234'] }),
}

/** When one wants to know. */
export const MomentParameters = z.strictObject(pastParameters)

export const ResultsParameters = z.strictObject({
  ...pastParameters,
  tier: z
    .enum(tiers, { error: `tier must be one of ${tiers.join(', ')}.` })
    .optional()
    .describe('For operators: asks this tier and no other'),
})

/**
 * What a request for results asks. A parameter that is not known is refused, not ignored: whoever writes `asof` would
 * take today's results for those of the past.
 * @returns undefined if nothing in particular is asked
 * @throws {Problem} INVALID_REQUEST, POSITION_NOT_FOUND
 */
export const readResultsQuery = (query: object, now: () => Date): ResultsOptions | undefined =>
  isEmpty(query) ? undefined : optionsOf(parse(ResultsParameters, query), now)

/** The moment that a request asks about; undefined: now. @throws as `readResultsQuery` */
export const readMoment = (query: object, now: () => Date): ResultsOptions | undefined =>
  isEmpty(query) ? undefined : optionsOf(parse(MomentParameters, query), now)

function parse<T>(parameters: z.ZodType<T>, query: object): T {
  const parsed = parameters.safeParse({ ...query })
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(asFieldErrors))
  return parsed.data
}

function optionsOf(parameters: z.infer<typeof ResultsParameters>, now: () => Date): ResultsOptions {
  const { asOf, position, tier } = parameters
  const at = asOf === undefined ? undefined : new Date(asOf)
  const errors = contradictions({ at, position, tier }, now())
  if (errors.length > 0) throw invalid(errors)
  if (position !== undefined && BigInt(position) > LAST_POSITION) throw new Problem('POSITION_NOT_FOUND')
  return {
    ...(at && { asOf: at.toISOString() }),
    ...(position !== undefined && { position: BigInt(position) }),
    ...(tier && { tier }),
  }
}

function isEmpty(query: object): boolean {
  for (const _ in query) return false
  return true
}

/** Every mistake in a request's parameters. */
export const invalid = (errors: readonly FieldError[]): Problem =>
  new Problem('INVALID_REQUEST', { detail: errors.map(({ message }) => message).join(' '), errors })

/** What a schema finds in a request's parameters. */
export function asFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      field: name.slice(0, 64),
      code: 'unknown-parameter',
      message: `There is no parameter "${name.slice(0, 64)}" here.`,
    }))
  return [{ field: String(issue.path[0]), code: 'wrong-format', message: issue.message }]
}

interface Asked {
  readonly at: Date | undefined
  readonly position: string | undefined
  readonly tier: string | undefined
}

function contradictions({ at, position, tier }: Asked, now: Date): FieldError[] {
  const errors = at ? impossibleTimes(at, now) : []
  if (tier !== undefined && tier !== 'replay' && (at || position !== undefined))
    errors.push({
      field: 'tier',
      code: 'contradiction',
      message: 'The past is known to the replay tier only.',
    })
  return errors
}

/** What is wrong with a time of which the past is asked. */
export function impossibleTimes(at: Date, now: Date): FieldError[] {
  if (at > now) return [{ field: 'asOf', code: 'future', message: 'asOf lies in the future.' }]
  if (at.getTime() < 0) return [{ field: 'asOf', code: 'past', message: 'asOf lies before 1970.' }]
  return []
}
