import { openPoll as open, signedContext } from '../../commands/open-poll.ts'
import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { readPollFile } from './poll-file.ts'

export const openPoll = command({
  name: 'polls open',
  operands: ['FILE'],
  summary: 'Opens the poll that a JSON file describes, as those in polls/',
  options: { by: signedBy, 'dry-run': { type: 'boolean', help: 'only checks the file' } },
  details: 'The same file again changes nothing. A poll never changes: a new question needs a new name.',
  run: async ({ operands, values, terminal, services }) => {
    const by = readLabel(values.by)
    const definition = await readPollFile(operands[0]!)
    if (!values['dry-run']) await open(signedContext((await services()).commands, by), definition)
    terminal.say(`${values['dry-run'] ? 'Would open' : 'Open:'} ${definition.poll}, "${definition.title}".`)
    if (values.json) terminal.print(JSON.stringify(definition))
    return FINE
  },
})
