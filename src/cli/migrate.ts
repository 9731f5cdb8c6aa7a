import { openDatabase } from '../postgres/open-database.ts'
import { trustAuthorities } from '../trusted-authorities.ts'
import { command } from './command.ts'
import { FINE } from './exit-codes.ts'

export const migrate = command({
  name: 'migrate',
  operands: [],
  summary: 'Brings the database schema up to date; safe when several start at once, and while others serve',
  options: {},
  details:
    'Needs nothing but PostgreSQL. With MIGRATE=auto every start does the same; with MIGRATE=manual nothing else does.',
  run: async ({ config, terminal, values }) => {
    trustAuthorities(config.tlsCa)
    const tell = (sentence: string) => terminal.warn(sentence)
    const { migrated, close } = await openDatabase(
      { ...config, migrate: 'auto' },
      { onWaiting: tell, onWarning: tell },
    )
    await close()
    if (values.json) terminal.print(JSON.stringify({ applied: migrated }))
    else if (migrated.length === 0) terminal.print('The schema is up to date.')
    for (const name of values.json ? [] : migrated) terminal.print(`applied ${name}`)
    return FINE
  },
})
