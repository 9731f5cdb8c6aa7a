import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { dangerousOptions, labelOf, namesOf } from './options.ts'
import { buildingOf, sweep } from './watch.ts'

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
      terminal.say(`Given up: ${what}.`)
      if (!(await sweep(call, name))) return FAILED
    }
    return FINE
  },
})
