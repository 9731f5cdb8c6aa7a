import { type Command, usage } from './command.ts'

/** What can be done, or what can be done with one group (`polls`). */
export function helpOverview(commands: readonly Command[], about: string): string {
  const rows = commands.map(
    (command) => [[command.name, ...command.operands].join(' '), command.summary] as const,
  )
  return [
    about,
    '',
    'usage: taxbudget <command> [--json]',
    '',
    ...aligned(rows),
    '',
    '`taxbudget <command> --help` tells more. Data goes to stdout, messages go to stderr.',
    'Exit codes: 0 fine, 1 failed or unhealthy, 2 wrong use.',
  ].join('\n')
}

/** Everything about one command. */
export function helpFor(command: Command): string {
  const options = Object.entries(command.options).map(
    ([name, option]) =>
      [option.type === 'string' ? `--${name} ${option.value}` : `--${name}`, option.help] as const,
  )
  return [
    `${command.summary}.`,
    '',
    `usage: ${usage(command)}`,
    '',
    ...aligned([...options, ['--json', 'the answer as JSON'], ['-h, --help', 'this text']]),
    ...(command.details ? ['', command.details] : []),
  ].join('\n')
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
