import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { parkedTable, parkedView } from './parked-table.ts'

export const listParked = command({
  name: 'parked list',
  operands: [],
  summary: 'Events that could not be applied, and wait for an operator, with the error',
  options: {},
  run: async (call) => {
    const { services, terminal, values } = call
    const { parkedEvents, caughtUp } = await services()
    await caughtUp(call)
    const parked = await parkedEvents.list()
    if (values.json) terminal.print(JSON.stringify(parked.map(parkedView)))
    else if (parked.length === 0) terminal.say('Nothing is parked.')
    else terminal.print(parkedTable(parked, terminal.style))
    return FINE
  },
})
