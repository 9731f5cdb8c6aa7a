import type { CheckResult, Routine } from '../../doctor/check.ts'
import { command } from '../command.ts'
import { FAILED, FINE, Misuse } from '../exit-codes.ts'
import type { Terminal } from '../terminal.ts'

export const doctor = command({
  name: 'doctor',
  operands: [],
  summary: 'Looks at every server, process and projection: what should be beside what is',
  options: {
    config: {
      type: 'boolean',
      help: 'looks at the settings alone: each with its value, where that is from, and what it would be in containers',
    },
    daily: {
      type: 'boolean',
      help: 'and at what belongs to every day: how people were answered since the start',
    },
    weekly: {
      type: 'boolean',
      help: 'and at what belongs to every week: everything against a replay of the log',
    },
    monthly: {
      type: 'boolean',
      help: 'and at what belongs to every month: the load test, updates of packages',
    },
  },
  details: `Exit code 1 if anything has failed; warnings alone are none. Whatever is away or silent is told so within
seconds, and the rest is looked at all the same. --config asks no server; a host that does not resolve, or a value that is not right, is
told with what to write instead, and gives exit code 1; names that are almost those of settings are told, too. It changes nothing but today's line in daily_sizes, from which growth is told.`,
  beforeSettings: async ({ values, ...call }) => {
    if (!values.config) return undefined
    if (values.daily || values.weekly || values.monthly) throw new Misuse('--config goes with no routine.')
    const { showSettings } = await import('./show-settings.ts')
    return await showSettings({ ...call, json: values.json })
  },
  run: async ({ config, terminal, values, signal }) => {
    const chosen = (['daily', 'weekly', 'monthly'] as const).filter((routine) => values[routine])
    if (chosen.length > 1) throw new Misuse(`Choose one of --${chosen.join(', --')}.`)
    const routine: Routine = chosen[0] ?? 'always'
    const { openDoctor } = await import('../../open-doctor.ts')
    const opened = openDoctor(config)
    const found: CheckResult[] = []
    try {
      for await (const result of opened.doctor.examine(routine, signal)) {
        found.push(result)
        if (!values.json) print(terminal, result)
      }
    } finally {
      await opened.close()
    }
    if (signal.aborted) {
      terminal.warn('Stopped: not everything was looked at.')
      return FAILED
    }
    const healthy = found.every(({ status }) => status !== 'failed')
    if (values.json) terminal.print(JSON.stringify({ routine, healthy, checks: found }))
    else terminal.say(summary(found))
    return healthy ? FINE : FAILED
  },
})

const marks = {
  fine: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
} as const

const WIDTHS = { name: 34, expected: 36 }

function print(
  { print: line, style }: Terminal,
  { name, status, expected, actual, advice }: CheckResult,
): void {
  const [colour, mark] = marks[status]
  const columns = [name.padEnd(WIDTHS.name), expected.padEnd(WIDTHS.expected)].join('  ')
  line(`${style(colour, mark)} ${columns}  ${status === 'fine' ? actual : style(colour, actual)}`)
  if (advice) line(`  ${style('dim', `→ ${advice}`)}`)
}

function summary(found: readonly CheckResult[]): string {
  const of = (status: CheckResult['status']) => found.filter((each) => each.status === status).length
  return `${of('fine')} fine, ${of('warning')} to be looked at, ${of('failed')} failed.`
}
