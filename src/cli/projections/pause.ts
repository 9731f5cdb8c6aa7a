import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type ExitCode, FAILED, FINE } from '../exit-codes.ts'
import { actOptions, dangerousOptions, labelOf, namesOf, workOptions } from './options.ts'
import { buildingOf, sweep, watchBuild } from './watch.ts'

export const pause = command({
  name: 'projections pause',
  operands: [],
  summary: 'Lets a version that is being built rest',
  options: actOptions,
  run: async ({ values, terminal, services }) => {
    const { operations } = (await services()).builds
    const by = labelOf(values.by)
    const versions = await operations.list()
    const names = namesOf(values.projection).filter((name) => values.projection || buildingOf(versions, name))
    for (const name of names) {
      await operations.pause(name, by)
      terminal.say(`Paused ${name}. To go on: taxbudget projections resume --projection ${name}`)
    }
    if (names.length === 0) terminal.say('Nothing is being built.')
    return FINE
  },
})

export const resume = command({
  name: 'projections resume',
  operands: [],
  summary: 'Goes on with a version that was paused, has failed, or was left',
  options: workOptions,
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const versions = await operations.list()
    const names = namesOf(values.projection).filter((name) => values.projection || buildingOf(versions, name))
    let code: ExitCode = FINE
    for (const name of names) {
      await operations.resume(name, by)
      const building = buildingOf(await operations.list(), name)
      if (values.detach || !building) continue
      code = await watchBuild(call, name, building.version)
      if (code !== FINE) return code
    }
    if (names.length === 0) terminal.say('Nothing is being built.')
    return code
  },
})

export const cancel = command({
  name: 'projections cancel',
  operands: [],
  summary: 'Gives up a version that is being built, and takes away what it holds',
  options: dangerousOptions,
  run: async (call) => {
    const { values, terminal } = call
    const { operations } = (await call.services()).builds
    const by = labelOf(values.by)
    const versions = await operations.list()
    for (const name of namesOf(values.projection)) {
      const building = buildingOf(versions, name)
      if (!building && !values.projection) continue
      const what = `version ${building?.version ?? ''} of ${name}`
      if (values['dry-run']) {
        terminal.say(building ? `Would give up ${what}.` : `Nothing of ${name} is being built.`)
        continue
      }
      if (building && !(await confirm({ ...call, yes: values.yes }, `Give up ${what}?`))) return FAILED
      await operations.cancel(name, by)
      await sweep(call, name)
      terminal.say(`Given up: ${what}.`)
    }
    return FINE
  },
})
