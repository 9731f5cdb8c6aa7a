import { type Config, readConfig } from '../config.ts'
import type { Call, Command } from './command.ts'
import { usage } from './command.ts'
import { commands } from './commands.ts'
import { describeError } from './describe-error.ts'
import { type ExitCode, FAILED, FINE, MISUSED, Misuse } from './exit-codes.ts'
import { helpFor, helpOverview } from './help.ts'
import { parseCommandLine } from './parse-command-line.ts'
import type { Services } from './services.ts'
import type { Terminal } from './terminal.ts'

export interface Surroundings {
  readonly terminal: Terminal
  readonly environment: NodeJS.ProcessEnv
  /** Files that Node has read into the environment. */
  readonly environmentFiles?: readonly string[]
  readonly signal: AbortSignal
  readonly version: string
  readonly openServices: (config: Config, onWaiting: (sentence: string) => void) => Promise<Services>
}

const ABOUT = 'taxbudget: runs a tax-budget poll and answers for its numbers'

/** Runs one command line. Never throws: whatever goes wrong is told on stderr and in the exit code. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, version } = surroundings
  const [first] = args
  if (first === '--version') {
    terminal.print(version)
    return FINE
  }
  const asksForHelp = first === 'help' || first === '--help' || first === '-h'
  const words = asksForHelp ? args.slice(1) : args
  if (asksForHelp && words.length === 0) {
    terminal.print(helpOverview(commands, ABOUT))
    return FINE
  }
  const found = findCommand(words)
  if ('command' in found)
    return await runCommand(found.command, asksForHelp ? ['--help'] : found.rest, surroundings)
  if (found.group.length > 0 && (asksForHelp || words.some((word) => word === '--help' || word === '-h'))) {
    terminal.print(helpOverview(found.group, ABOUT))
    return FINE
  }
  terminal.warn(notFound(words, found.group))
  return MISUSED
}

type Found = { command: Command; rest: readonly string[] } | { group: readonly Command[] }

/** The command that the first word or two name, or those that begin with the first word. */
function findCommand(words: readonly string[]): Found {
  for (const length of [2, 1]) {
    const command = commands.find(({ name }) => name === words.slice(0, length).join(' '))
    if (command) return { command, rest: words.slice(length) }
  }
  return { group: commands.filter(({ name }) => name.startsWith(`${words[0]} `)) }
}

function notFound(words: readonly string[], group: readonly Command[]): string {
  if (words[0] === undefined) return `${helpOverview(commands, ABOUT)}\n\nSay which command.`
  if (group.length === 0)
    return `There is no command "${words[0]}".\nusage: taxbudget <command> [--json]; taxbudget help lists the commands.`
  return [`${words[0]} needs one of these:`, ...group.map((command) => `usage: ${usage(command)}`)].join('\n')
}

async function runCommand(
  command: Command,
  args: readonly string[],
  { terminal, environment, environmentFiles = [], signal, openServices }: Surroundings,
): Promise<ExitCode> {
  let opened: Promise<Services> | undefined
  try {
    const { help, operands, values } = parseCommandLine(command, args)
    if (help) {
      terminal.print(helpFor(command))
      return FINE
    }
    const early = { values: values as Call['values'], terminal, environment, environmentFiles }
    const ended = await command.beforeSettings?.(early)
    if (ended !== undefined) return ended
    const config = readConfig(environment)
    const services = () => (opened ??= openServices(config, (sentence) => terminal.warn(sentence)))
    return await command.run({
      operands,
      values: values as Call['values'],
      terminal,
      config,
      services,
      signal,
    })
  } catch (error) {
    if (error instanceof Misuse) {
      terminal.warn(`${error.message}\nusage: ${usage(command)}`)
      return MISUSED
    }
    terminal.warn(
      signal.aborted && (error as Error).name === 'AbortError' ? 'Stopped.' : describeError(error),
    )
    return FAILED
  } finally {
    await opened?.then(
      (services) => services.close(),
      () => {},
    )
  }
}
