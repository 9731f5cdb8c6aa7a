import { setTimeout as sleep } from 'node:timers/promises'
import type { ProjectionVersion } from '../../projections/builds/projection-operations.ts'
import type { BuildableName } from '../../projections/builds/read-models.ts'
import { type Call, command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { dangerousOptions, labelOf, namesOf } from './options.ts'
import { buildingOf, ownBuilder } from './watch.ts'

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
    if (names.length > 0) return FINE
    terminal.say('Nothing is being built.')
    return values['dry-run'] ? FINE : FAILED
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
