import { command } from './command.ts'
import { FINE } from './exit-codes.ts'

export const migrate = command({
  name: 'migrate',
  operands: [],
  summary: 'Brings the database schema up to date; safe when several start at once',
  options: {},
  details: 'Every start does the same: this is for doing it beforehand.',
  run: async ({ services, terminal, values }) => {
    // Opening the database is what migrates it.
    const { migrated } = await services()
    if (values.json) terminal.print(JSON.stringify({ applied: migrated }))
    else if (migrated.length === 0) terminal.print('The schema is up to date.')
    for (const name of values.json ? [] : migrated) terminal.print(`applied ${name}`)
    return FINE
  },
})
