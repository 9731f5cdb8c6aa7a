import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { dangerousOptions, labelOf, namesOf } from './options.ts'
import { sweep } from './watch.ts'

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
        if (!values['dry-run'] && !(await sweep(call, name))) return FAILED
        continue
      }
      const what = `${retired.length === 1 ? 'version' : 'versions'} ${retired.join(', ')} of ${name}`
      if (values['dry-run']) {
        terminal.say(`Would take away ${what}.`)
        continue
      }
      if (!(await confirm({ ...call, yes: values.yes }, `Take away ${what}?`))) return FAILED
      const taken = await operations.prune(name, by)
      if (!(await sweep(call, name))) return FAILED
      terminal.say(`Taken away: ${taken.join(', ')} of ${name}.`)
    }
    return FINE
  },
})
