import type { ExclusionEffect, ExclusionFilter } from '../../commands/exclusions.ts'
import { ExclusionReason } from '../../events/submission-events.ts'
import { type Call, command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { type ExitCode, FAILED, FINE, Misuse } from '../exit-codes.ts'
import { readLabel, signedBy } from '../operator-label.ts'
import { counted, group, showProgress } from '../progress.ts'
import type { Services } from '../services.ts'
import { effectTable } from './effect-table.ts'
import { filterOptions, readFilter } from './read-filter.ts'

const options = {
  ...filterOptions,
  by: signedBy,
  'dry-run': { type: 'boolean', help: 'only shows what it would do to the results' },
  yes: { type: 'boolean', help: 'does not ask' },
} as const

const details =
  'By ID, or by all conditions that are given. Stopped or not: the same again does what is left to do. Both counts stay public.'

export const excludeSubmissions = command({
  name: 'submissions exclude',
  operands: ['[ID…]'],
  summary: 'Sets submissions aside, reversibly',
  options: {
    ...options,
    reason: { type: 'string', value: ExclusionReason.options.join('|'), help: 'why', required: true },
  },
  details,
  run: async (call) => {
    const reason = ExclusionReason.safeParse(call.values.reason)
    if (!reason.success) throw new Misuse(`--reason must be one of ${ExclusionReason.options.join(', ')}.`)
    const by = readLabel(call.values.by)
    const filter = readFilter(call.operands, call.values)
    return await carryOut(call, 'exclude', filter, (exclusions, running) =>
      exclusions.exclude(filter, { ...running, by, reason: reason.data }),
    )
  },
})

export const reinstateSubmissions = command({
  name: 'submissions reinstate',
  operands: ['[ID…]'],
  summary: 'Counts submissions again that were set aside',
  options,
  details,
  run: async (call) => {
    const by = readLabel(call.values.by)
    const filter = readFilter(call.operands, call.values)
    return await carryOut(call, 'reinstate', filter, (exclusions, running) =>
      exclusions.reinstate(filter, { ...running, by }),
    )
  },
})

interface Running {
  readonly signal: AbortSignal
  readonly onProgress: (done: number, of: number) => void
}

type ActCall = Pick<Call, 'services' | 'terminal' | 'signal'> & {
  readonly values: { readonly 'dry-run': boolean; readonly yes: boolean; readonly json: boolean }
}

const words = { exclude: ['Exclude', 'excluded'], reinstate: ['Reinstate', 'reinstated'] } as const

async function carryOut(
  call: ActCall,
  act: 'exclude' | 'reinstate',
  filter: ExclusionFilter,
  run: (exclusions: Services['exclusions'], running: Running) => Promise<ExclusionEffect>,
): Promise<ExitCode> {
  const { terminal, signal, values } = call
  const [imperative, done] = words[act]
  const services = await call.services()
  await services.caughtUp(call)
  const looking = showProgress('events', terminal.stderr)
  services.onReplayProgress = (events, of) => looking.update(of ? events / of : 0, events)
  const planned = await services.exclusions.preview(act, filter).finally(() => looking.stop())
  if (!values.json || !values['dry-run']) tell(call, planned, `would be ${done}`)
  if (values['dry-run']) {
    if (values.json) terminal.print(JSON.stringify(planned))
    return FINE
  }
  if (planned.changed > 0) {
    const question = `${imperative} ${counted(planned.changed, 'submission')} to ${filter.poll}?`
    if (!(await confirm({ ...call, yes: values.yes }, question))) return FAILED
  }
  // Acting begins by finding them again, for which the same bar is shown anew.
  const [again, progress] = [
    showProgress('events', terminal.stderr),
    showProgress('submissions', terminal.stderr),
  ]
  services.onReplayProgress = (events, of) => again.update(of ? events / of : 0, events)
  const onProgress = (count: number, of: number) => {
    again.stop()
    progress.update(count / of, count)
  }
  const outcome = await run(services.exclusions, { signal, onProgress })
    .catch((error: unknown) => {
      terminal.say('What is done stays done. To go on: the same command again.')
      throw error
    })
    .finally(() => {
      again.stop()
      progress.stop()
    })
  terminal.say(told(outcome, done))
  if (values.json) terminal.print(JSON.stringify(outcome))
  return FINE
}

/** `3 of 5 submissions are excluded now; 2 were so already.` */
function told({ found, changed, already = 0, withdrawn = 0 }: ExclusionEffect, done: string): string {
  const rest = others(already, withdrawn).map((other) => `; ${other}`)
  return changed === 0
    ? `Nothing has changed: of ${counted(found, 'submission')} none is newly ${done}${rest.join('')}.`
    : `${group(changed)} of ${counted(found, 'submission')} ${changed === 1 ? 'is' : 'are'} ${done} now${rest.join('')}.`
}

const others = (already: number, withdrawn: number): string[] => [
  ...(already > 0 ? [`${group(already)} ${already === 1 ? 'was' : 'were'} so already`] : []),
  ...(withdrawn > 0 ? [`${group(withdrawn)} ${withdrawn === 1 ? 'was' : 'were'} withdrawn`] : []),
]

function tell({ terminal, values }: ActCall, effect: ExclusionEffect, what: string): void {
  const { found, changed, already = 0, withdrawn = 0 } = effect
  const rest = others(already, withdrawn)
  const aside = rest.length > 0 ? ` (${rest.join(', ')})` : ''
  terminal.say(`${counted(found, 'submission')} found, ${group(changed)} ${what}${aside}.`)
  if (!values.json && changed > 0) terminal.print(effectTable(effect, terminal.style))
}
