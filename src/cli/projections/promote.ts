import { setTimeout as sleep } from 'node:timers/promises'
import type { ProjectionVersion } from '../../projections/builds/projection-operations.ts'
import type { BuildableName } from '../../projections/builds/read-models.ts'
import { CATEGORY_AGGREGATE } from '../../projections/projection-store.ts'
import { type Call, command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { dangerousOptions, labelOf, namesOf } from './options.ts'
import { buildingOf, ownBuilder, sweep, watchBuild } from './watch.ts'

/** So long is waited for a version that is ready to be brought level; then whoever promotes it is told what is wrong. */
const LEVEL_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 100

export const promote = command({
  name: 'projections promote',
  operands: [],
  summary: 'Makes a version that is ready the live one',
  options: dangerousOptions,
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const versions = await operations.list()
    const names = namesOf(values.projection).filter((name) => values.projection || buildingOf(versions, name))
    for (const name of names) {
      const building = buildingOf(versions, name)
      const live = versions.find(({ projection, status }) => projection === name && status === 'live')
      if (building && values['dry-run']) {
        terminal.say(`Would make ${told(building)} the live one instead of version ${live?.version}.`)
        continue
      }
      const question = `Make ${building && told(building)} the live one instead of version ${live?.version}?`
      if (building && !(await confirm({ ...call, yes: values.yes }, question))) return FAILED
      if (building?.build?.state === 'ready') await level(call, name)
      await operations.promote(name, building?.version ?? 0, by)
      terminal.say(`Version ${building?.version} of ${name} is the live one now.`)
    }
    if (names.length === 0) terminal.say('Nothing is being built.')
    return FINE
  },
})

const told = ({ projection, version, position, build }: ProjectionVersion): string =>
  `version ${version} of ${projection} (${build?.state ?? 'waiting'} at position ${position})`

/** Nobody may have kept it level since it was made: then this process does. */
async function level(
  call: Pick<Call, 'services' | 'signal' | 'terminal'>,
  name: BuildableName,
): Promise<void> {
  const { builds, commands } = await call.services()
  const own = ownBuilder(builds, name, call.terminal)
  const head = await commands.log.head()
  own.start()
  try {
    for (
      const until = performance.now() + LEVEL_WITHIN_MS;
      performance.now() < until;
      await sleep(LOOK_EVERY_MS)
    ) {
      call.signal.throwIfAborted()
      const building = buildingOf(await builds.operations.list(), name)
      if (!building || building.position >= head) return
    }
  } finally {
    await own.stop()
  }
}

export const rollback = command({
  name: 'projections rollback',
  operands: [],
  summary:
    'Goes back to the version that was live before, once it is level with the log and the same as a replay',
  options: {
    ...dangerousOptions,
    detach: { type: 'boolean', help: 'does not wait: a running service does the work' },
  },
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const all = await operations.list()
    const asked = askedOf(values.projection, all)
    const versions = all.filter(({ projection }) => projection === asked)
    const live = versions.find(({ status }) => status === 'live')
    const retired = versions.filter(({ status }) => status === 'retired').map(({ version }) => version)
    if (values['dry-run']) {
      terminal.say(
        retired.length > 0
          ? `Would go back from version ${live?.version} of ${asked}; kept are ${retired.join(', ')}.`
          : `There is no earlier version of ${asked} any more.`,
      )
      return FINE
    }
    const question = `Go back from version ${live?.version} of ${asked} to the one before?`
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

/** The one that is meant, if it is clear. @throws {Misuse} */
function askedOf(given: string | undefined, versions: readonly ProjectionVersion[]): BuildableName {
  const isRetired = (name: BuildableName) =>
    versions.some(({ projection, status }) => projection === name && status === 'retired')
  const names = given === undefined ? namesOf(given).filter(isRetired) : namesOf(given)
  if (names.length > 1) throw new Misuse(`Say which: --projection ${names.join(' or ')}.`)
  return names[0] ?? CATEGORY_AGGREGATE
}

export const prune = command({
  name: 'projections prune',
  operands: [],
  summary: 'Takes away versions that are no longer live: there is no way back to them then',
  options: dangerousOptions,
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const versions = await operations.list()
    for (const name of namesOf(values.projection)) {
      const retired = versions
        .filter(({ projection, status }) => projection === name && status === 'retired')
        .map(({ version }) => version)
      if (retired.length === 0) {
        // What was left half done.
        if (!values['dry-run']) await sweep(call, name)
        continue
      }
      const what = `${retired.length === 1 ? 'version' : 'versions'} ${retired.join(', ')} of ${name}`
      if (values['dry-run']) {
        terminal.say(`Would take away ${what}.`)
        continue
      }
      if (!(await confirm({ ...call, yes: values.yes }, `Take away ${what}?`))) return FAILED
      const taken = await operations.prune(name, by)
      await sweep(call, name)
      terminal.say(`Taken away: ${taken.join(', ')} of ${name}.`)
    }
    return FINE
  },
})
