import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { actOptions, labelOf, namesOf } from './options.ts'
import { buildingOf } from './watch.ts'

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
