import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { counted, group } from '../progress.ts'
import { parkedTable, parkedView, readPosition } from './parked-table.ts'

export const retryParked = command({
  name: 'parked retry',
  operands: ['[POSITION…]'],
  summary: 'Tries parked events again, with what the program knows today',
  options: {
    by: signedBy,
    'dry-run': { type: 'boolean', help: 'only says which' },
    yes: { type: 'boolean', help: 'does not ask' },
  },
  details:
    'Without POSITION: all of them. Exit code 1 if some cannot be applied still; their new errors are told. Results of the past that lacked them are made again.',
  run: async (call) => {
    const { services, terminal, values } = call
    const by = readLabel(values.by)
    const asked = call.operands.map((operand) => readPosition(operand!))
    const { parkedEvents, caughtUp } = await services()
    await caughtUp(call)
    const all = await parkedEvents.list()
    const missing = asked.filter((position) => !all.some((each) => each.position === position))
    if (missing.length > 0) throw new Misuse(`Not parked: ${missing.join(', ')}.`)
    const meant = asked.length > 0 ? all.filter(({ position }) => asked.includes(position)) : all
    if (values['dry-run'] || meant.length === 0) {
      terminal.say(`${values['dry-run'] ? 'Would try' : 'Tried'} ${counted(meant.length, 'event')} again.`)
      if (values.json) terminal.print(JSON.stringify({ applied: [], parked: meant.map(parkedView) }))
      else if (meant.length > 0) terminal.print(parkedTable(meant, terminal.style))
      return FINE
    }
    if (!(await confirm({ ...call, yes: values.yes }, `Try ${counted(meant.length, 'event')} again?`)))
      return FAILED
    const outcome = await parkedEvents.retry({ by, ...(asked.length > 0 && { positions: asked }) })
    const { applied, parked } = outcome
    terminal.say(
      `${group(applied.length)} ${applied.length === 1 ? 'is' : 'are'} applied now, ${group(parked.length)} ${parked.length === 1 ? 'waits' : 'wait'} still.`,
    )
    if (values.json)
      terminal.print(JSON.stringify({ applied: applied.map(String), parked: parked.map(parkedView) }))
    else if (parked.length > 0) terminal.print(parkedTable(parked, terminal.style))
    return parked.length > 0 ? FAILED : FINE
  },
})
