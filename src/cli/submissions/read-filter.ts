import type { ExclusionFilter } from '../../commands/exclusions.ts'
import { Problem } from '../../errors.ts'
import { readFilter as checkFilter } from '../../operators/exclusion-filter.ts'
import { Misuse } from '../exit-codes.ts'

/** How a filter is written on the command line. */
export const filterOptions = {
  poll: { type: 'string', value: 'SLUG', help: 'whose submissions', required: true },
  from: { type: 'string', value: 'TIME', help: 'first cast at or after this time: 2026-11-23T10:00:00Z' },
  to: { type: 'string', value: 'TIME', help: 'first cast before this time' },
  via: { type: 'string', value: 'form|api|import|simulation', help: 'how they came in' },
  repeated: { type: 'string', value: 'N', help: 'allocations given more than N times …' },
  within: { type: 'string', value: 'MINUTES', help: '… within so many minutes' },
} as const

type Values = { readonly [Name in keyof typeof filterOptions]: string | undefined }

/** @throws {Misuse} with every mistake */
export function readFilter(ids: readonly (string | undefined)[], values: Values): ExclusionFilter {
  const { poll, from, to, via, repeated, within } = values
  if ((repeated === undefined) !== (within === undefined))
    throw new Misuse('--repeated N and --within MINUTES belong together.')
  const burst = repeated === undefined ? undefined : { times: Number(repeated), minutes: Number(within) }
  const filter = {
    poll,
    submissions: ids.length > 0 ? ids : undefined,
    ...{ from, to, via, repeated: burst },
  }
  try {
    return checkFilter(filter)
  } catch (error) {
    throw error instanceof Problem ? new Misuse(error.message) : error
  }
}
