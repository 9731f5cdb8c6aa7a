import { type BuildableName, buildableNames, isBuildable } from '../../projections/builds/read-models.ts'
import { Misuse } from '../exit-codes.ts'

const projection = {
  type: 'string',
  value: 'NAME',
  help: `only this one of ${buildableNames.join(', ')}; all if left out`,
} as const
const by = { type: 'string', value: 'LABEL', help: 'who does it; cli if left out' } as const
const detach = { type: 'boolean', help: 'does not wait: a running service does the work' } as const

/** Options that several commands have. */
export const actOptions = { projection, by } as const
export const workOptions = { ...actOptions, detach } as const
export const dangerousOptions = {
  ...actOptions,
  yes: { type: 'boolean', help: 'does not ask' },
  'dry-run': { type: 'boolean', help: 'only says what would be done' },
} as const

/** @throws {Misuse} there is none of that name */
export function namesOf(asked: string | undefined): readonly BuildableName[] {
  if (asked === undefined) return buildableNames
  if (isBuildable(asked)) return [asked]
  throw new Misuse(`There is no projection called ${asked}, but these: ${buildableNames.join(', ')}.`)
}

/** @throws {Misuse} */
export function labelOf(given = 'cli'): string {
  if (!/^[a-z0-9-]{1,32}$/.test(given))
    throw new Misuse('--by must be 1 to 32 small letters, digits and dashes.')
  return given
}
