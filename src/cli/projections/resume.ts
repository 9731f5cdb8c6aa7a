import { command } from '../command.ts'
import { type ExitCode, FINE } from '../exit-codes.ts'
import { labelOf, namesOf, workOptions } from './options.ts'
import { buildingOf, watchBuild } from './watch.ts'

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
