import { setTimeout as sleep } from 'node:timers/promises'
import { closePoll as close } from '../../commands/close-poll.ts'
import { POLL_MEMORY_MS } from '../../commands/poll-catalogue.ts'
import { command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { FAILED, FINE } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { reportStatus } from './report-status.ts'

export const closePoll = command({
  name: 'polls close',
  operands: ['POLL'],
  summary: 'Ends a poll: it takes no more submissions, its results stay',
  options: {
    by: signedBy,
    yes: { type: 'boolean', help: 'does not ask' },
    'dry-run': { type: 'boolean', help: 'only says what would be done' },
  },
  run: async (call) => {
    const { commands } = await call.services()
    const poll = call.operands[0]!
    const { definition, status } = await commands.polls.get(poll)
    const already = status === 'closed'
    if (call.values['dry-run'])
      call.terminal.say(already ? `${poll} is closed already.` : `Would close ${poll}.`)
    else if (already) call.terminal.say(`${poll} was closed already.`)
    else {
      const question = `Close ${poll}, "${definition.title}", for everybody?`
      if (!(await confirm({ ...call, yes: call.values.yes }, question))) return FAILED
      await close(commands, poll, readLabel(call.values.by))
      // Only now is it closed for everybody, processes that do not follow the log included.
      await sleep(POLL_MEMORY_MS)
      call.terminal.say(`Closed ${poll}.`)
    }
    await reportStatus(call, commands, poll)
    return FINE
  },
})
