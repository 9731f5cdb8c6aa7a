import { SkipReason } from '../../events/operator-events.ts'
import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { readPosition } from './parked-table.ts'

export const skipParked = command({
  name: 'parked skip',
  operands: ['POSITION'],
  summary: 'Leaves a parked event out for good',
  options: {
    reason: { type: 'string', value: SkipReason.options.join('|'), help: 'why', required: true },
    by: signedBy,
    'dry-run': { type: 'boolean', help: 'only says what would be done' },
    yes: { type: 'boolean', help: 'does not ask' },
  },
  run: async (call) => {
    const { services, terminal, values } = call
    const by = readLabel(values.by)
    const position = readPosition(call.operands[0]!)
    const reason = SkipReason.safeParse(values.reason)
    if (!reason.success) throw new Misuse(`--reason must be one of ${SkipReason.options.join(', ')}.`)
    const { parkedEvents, caughtUp } = await services()
    await caughtUp(call)
    const parked = (await parkedEvents.list()).find((each) => each.position === position)
    if (!parked) throw new Misuse(`Not parked: ${position}.`)
    const what = `the ${parked.type} at ${position} (${parked.error})`
    if (values['dry-run']) terminal.say(`Would leave out ${what}.`)
    else {
      if (!(await confirm({ ...call, yes: values.yes }, `Leave out ${what}, for good?`))) return FAILED
      await parkedEvents.skip(position, { by, reason: reason.data })
      terminal.say(`Left out ${what}.`)
    }
    if (values.json) terminal.print(JSON.stringify({ skipped: values['dry-run'] ? null : String(position) }))
    return FINE
  },
})
