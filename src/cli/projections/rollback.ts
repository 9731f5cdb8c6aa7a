import type { ProjectionVersion } from '../../projections/builds/projection-operations.ts'
import { type BuildableName, buildableNames } from '../../projections/builds/read-models.ts'
import { CATEGORY_AGGREGATE } from '../../projections/projection-store.ts'
import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { dangerousOptions, labelOf, namesOf, workOptions } from './options.ts'
import { buildingOf, watchBuild } from './watch.ts'

export const rollback = command({
  name: 'projections rollback',
  operands: [],
  summary:
    'Goes back to the version that was live before, once it is level with the log and the same as a replay',
  options: {
    ...dangerousOptions,
    detach: workOptions.detach,
    projection: {
      ...dangerousOptions.projection,
      help: `which of ${buildableNames.join(', ')}; may be left out if there is one alone that can go back`,
    },
  },
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const all = await operations.list()
    const asked = askedOf(values.projection, all)
    const versions = all.filter(({ projection }) => projection === asked)
    const live = versions.find(({ status }) => status === 'live')
    const former = versions.filter(({ status }) => status === 'retired').toSorted(laterLive)[0]
    if (!former) {
      terminal.warn(`There is no earlier version of ${asked} to go back to.`)
      return FAILED
    }
    const way = `from version ${live?.version} of ${asked} to version ${former.version}`
    if (values['dry-run']) {
      terminal.say(`Would go back ${way}.`)
      return FINE
    }
    const question = `Go back ${way}?`
    if (!(await confirm({ ...call, yes: values.yes }, question))) return FAILED
    await operations.rollback(asked, by)
    const building = buildingOf(await operations.list(), asked)
    if (!building) return FINE
    terminal.say(
      `Version ${building.version} of ${asked} is brought up to date; version ${live?.version} is served meanwhile.`,
    )
    return values.detach ? FINE : await watchBuild(call, asked, building.version)
  },
})

/** The one that was live last comes first. */
const laterLive = (one: ProjectionVersion, other: ProjectionVersion): number =>
  (other.promotedAt?.getTime() ?? 0) - (one.promotedAt?.getTime() ?? 0) || other.version - one.version

/** The one that is meant, if it is clear. @throws {Misuse} */
function askedOf(given: string | undefined, versions: readonly ProjectionVersion[]): BuildableName {
  const isRetired = (name: BuildableName) =>
    versions.some(({ projection, status }) => projection === name && status === 'retired')
  const names = given === undefined ? namesOf(given).filter(isRetired) : namesOf(given)
  if (names.length > 1) throw new Misuse(`Say which: --projection ${names.join(' or ')}.`)
  return names[0] ?? CATEGORY_AGGREGATE
}
