import { reopenPoll as reopen } from '../../commands/reopen-poll.ts'
import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { reportStatus } from './report-status.ts'

export const reopenPoll = command({
  name: 'polls reopen',
  operands: ['POLL'],
  summary: 'Lets a closed poll take submissions again',
  options: {
    by: signedBy,
    yes: { type: 'boolean', help: 'as with polls close; nobody is asked in any case' },
    'dry-run': { type: 'boolean', help: 'only says what would be done' },
  },
  run: async (call) => {
    const { commands } = await call.services()
    const poll = call.operands[0]!
    const already = (await commands.polls.get(poll)).status === 'open'
    if (!already && !call.values['dry-run']) await reopen(commands, poll, readLabel(call.values.by))
    if (already) call.terminal.say(`${poll} is open already.`)
    else call.terminal.say(`${call.values['dry-run'] ? 'Would reopen' : 'Reopened'} ${poll}.`)
    await reportStatus(call, commands, poll)
    return FINE
  },
})
