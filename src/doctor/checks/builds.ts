import type { Position } from '../../events/event-log.ts'
import type { ReadModels, ReadModelVersion } from '../../processes/database-figures.ts'
import type {
  ProjectionOperations,
  ProjectionVersion,
} from '../../projections/builds/projection-operations.ts'
import { FOLD_VERSION } from '../../projections/fold.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { failed, fine, percent, warning } from '../words.ts'

export interface BuildsOptions {
  readonly readModels: () => Promise<ReadModels>
  readonly head: () => Promise<Position>
  /** Tells how each build fares; without it only how far it is. */
  readonly operations?: Pick<ProjectionOperations, 'list'> | undefined
}

/** Next versions of read models that are being built, and live ones that ought to be built anew. */
export const buildsCheck = ({ readModels, head, operations }: BuildsOptions): Check => ({
  name: 'builds',
  routine: 'always',
  look: async () => {
    const [{ versions }, end, listed] = await Promise.all([readModels(), head(), operations?.list()])
    const building = versions.filter(({ status }) => status === 'building')
    const states = new Map(listed?.map((each) => [nameOf(each.projection, each.version), each]))
    const none = fine({ name: 'builds', expected: 'none, or going on', actual: 'none' })
    return [
      ...(building.length === 0 ? [none] : building.map((each) => buildResult(each, end, states))),
      ...versions.filter(({ status }) => status === 'live').flatMap(foldResult),
    ]
  },
})

const nameOf = (name: string, version: number): string => `${name} version ${version}`

function buildResult(
  { name, version, position }: ReadModelVersion,
  head: Position,
  states: ReadonlyMap<string, ProjectionVersion>,
): CheckResult {
  const build = states.get(nameOf(name, version))?.build
  const share = head === 0n ? 1 : Number(position) / Number(head)
  const told = {
    name: `builds: ${nameOf(name, version)}`,
    expected: 'going on',
    actual: [build?.state ?? 'being built', percent(share), build?.lastError].filter(Boolean).join(', '),
  }
  switch (build?.state) {
    case 'failed':
      return failed(
        told,
        `\`taxbudget projections resume --projection ${name}\` tries again, \`taxbudget projections cancel --projection ${name}\` gives it up.`,
      )
    case 'waiting':
      return warning(told, 'Start a process with ROLES=projector: it builds.')
    case 'paused':
      return warning(told, `\`taxbudget projections resume --projection ${name}\` goes on.`)
    case 'ready':
      return warning(told, `It waits for \`taxbudget projections promote --projection ${name}\`.`)
    default:
      return fine(told)
  }
}

function foldResult({ name, foldVersion }: ReadModelVersion): CheckResult[] {
  // The rows have a fold of their own, whose version their projector minds.
  if (name === 'submissions') return []
  const told = {
    name: `fold: ${name}`,
    expected: `version ${FOLD_VERSION}`,
    actual: `version ${foldVersion}`,
  }
  if (foldVersion === FOLD_VERSION) return [fine(told)]
  return [
    warning(
      told,
      `It was made by other code than this: \`taxbudget projections rebuild --projection ${name}\`.`,
    ),
  ]
}
