import { z } from 'zod'
import { Problem } from '../../errors.ts'
import { readMoment } from '../api/results-query.ts'
import type { Moment } from '../moment.ts'
import type { Words } from '../words/words.ts'
import { PageProblem } from './page-problem.ts'

/** What a field for date and time sends, with seconds only if somebody has typed them. */
const LocalTime = z.iso.datetime({ local: true })
const LocalMinute = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)
const Day = z.iso.date()

/**
 * The moment that a page's address asks about; undefined: now. Times without a zone are in UTC, as the form says.
 * What else stands in the address is not ours: people's mail programs add things.
 * @throws {Problem} INVALID_REQUEST, POSITION_NOT_FOUND
 */
export function momentOf(query: unknown, now: () => Date): Moment | undefined {
  const { asOf, position } = query as Readonly<Record<string, unknown>>
  const asked = {
    ...(isGiven(asOf) && { asOf: typeof asOf === 'string' ? inUtc(asOf.trim()) : asOf }),
    ...(isGiven(position) && { position }),
  }
  try {
    return readMoment(asked, now)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'INVALID_REQUEST') throw error
    throw new PageProblem('INVALID_REQUEST', ({ moment }) => sentenceFor(error, moment))
  }
}

/** A form that was sent empty asks nothing. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== ''

function inUtc(time: string): string {
  if (Day.safeParse(time).success) return `${time}T00:00:00Z`
  if (LocalMinute.safeParse(time).success) return `${time}:00Z`
  return LocalTime.safeParse(time).success ? `${time.replace(/Z$/, '')}Z` : time
}

/** For people, where the API speaks of parameters. */
function sentenceFor({ errors }: Problem, words: Words['moment']): string {
  const [first] = errors
  if (first?.code === 'future') return words.future
  if (first?.code === 'past') return words.before1970
  return first?.field === 'asOf' ? words.notATime : words.notAPosition
}

/** What the pages say of the moment that they show. */
export interface MomentView {
  /** The page now. */
  readonly path: string
  /** Undefined: it is the page now. */
  readonly past:
    | {
        /** What the field holds. */
        readonly field: string
        /** The time asked for, ISO 8601; undefined: a position was. */
        readonly asOf: string | undefined
        /** What an address says to show this moment. */
        readonly kept: readonly { readonly name: string; readonly value: string }[]
      }
    | undefined
  /** Address that always shows these numbers, to be copied. */
  readonly permanent: string
}

/** @param permanent path and query that always show the same; @param publicUrl where people reach us */
export const momentView = (
  path: string,
  moment: Moment | undefined,
  { permanent, publicUrl }: { readonly permanent: string; readonly publicUrl: string },
): MomentView => ({
  path,
  past: moment && {
    ...{ field: moment.asOf?.slice(0, 19) ?? '', asOf: moment.asOf },
    kept: (['asOf', 'position'] as const).flatMap((name) => {
      const value = moment[name]
      return value === undefined ? [] : [{ name, value: String(value) }]
    }),
  },
  permanent: `${publicUrl}${permanent}`,
})
