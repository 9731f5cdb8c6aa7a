import { type Mistake, mistakesIn, variables } from '../../config.ts'
import { unresolved } from '../../first-contact.ts'
import type { EarlyCall } from '../command.ts'
import { type ExitCode, FAILED, FINE } from '../exit-codes.ts'
import { table } from '../table.ts'
import { hostsIn, isLoopback, unresolvedAmong, withHosts } from './hosts.ts'
import { misspeltAmong } from './misspelt.ts'
import { type Setting, settings } from './settings.ts'
import { sourceOf } from './sources.ts'

/** A setting as people are shown it. */
interface Shown {
  readonly name: string
  /** Without its secrets. */
  readonly value: string
  /** `default`, `environment`, or the file that it was read from. */
  readonly source: string
  /** In the containers of docker-compose.yml; undefined: the same. */
  readonly inContainers?: string
  /** What is wrong with it, and what to write instead. */
  readonly problems: readonly string[]
}

type Asked = Pick<EarlyCall, 'terminal' | 'environment' | 'environmentFiles'> & { readonly json: boolean }

/** Prints every setting. Asks no server but for names. */
export async function showSettings({ terminal, json, ...given }: Asked): Promise<ExitCode> {
  const mistakes = mistakesIn(given.environment)
  const shown = await Promise.all(variables.map((name) => show(name, given, mistakes)))
  const misspelt = misspeltAmong(Object.keys(given.environment), variables)
  const right = shown.every(({ problems }) => problems.length === 0)
  if (json) terminal.print(JSON.stringify({ right, settings: shown, misspelt }))
  else {
    const titles = ['setting', 'value', 'from', 'in containers'].map((title) => ({ title }))
    const rows = shown.map(({ name, value, source, inContainers = '' }) => [
      name,
      value,
      source,
      inContainers,
    ])
    terminal.print(table(titles, rows, (title) => terminal.style('bold', title)))
    for (const { name, problems } of shown)
      for (const problem of problems) terminal.print(terminal.style('red', `✗ ${name} ${problem}`))
    for (const { name, meant } of misspelt)
      terminal.print(terminal.style('yellow', `! ${name} is no setting: ${meant} is. Is that meant?`))
  }
  return right ? FINE : FAILED
}

async function show(
  name: string,
  { environment, environmentFiles }: Omit<Asked, 'terminal' | 'json'>,
  mistakes: readonly Mistake[],
): Promise<Shown> {
  const setting = settings[name]!
  const given = environment[name] ?? ''
  const there = inContainers(setting, given)
  const value = given === '' ? setting.unset : (setting.mask ?? unmasked)(given)
  const common = { name, ...(there !== undefined && there !== value && { inContainers: there }) }
  if (given === '') return { ...common, value, source: 'default', problems: wrongWith(name, mistakes) }
  const source = sourceOf(name, given, environmentFiles)
  const wrong = wrongWith(name, mistakes)
  // It may be a secret that belongs elsewhere.
  if (wrong.length > 0) return { name, value: '(not shown)', source, problems: wrong }
  return { ...common, value, source, problems: await leadingNowhere(setting, given) }
}

const unmasked = (value: string): string => value

const wrongWith = (name: string, mistakes: readonly Mistake[]): string[] =>
  mistakes.filter((each) => each.name === name).map(({ message }) => `${message}.`)

/** A server that is this machine's is a container's there; one that is elsewhere stays where it is. */
function inContainers({ server, mask = unmasked, ...setting }: Setting, given: string): string | undefined {
  if (given === '' || !server) return setting.inContainers && mask(setting.inContainers)
  if (!hostsIn(given).some(isLoopback)) return undefined
  const { inContainers: other } = server
  // To a container it is itself that 127.0.0.1 leads to.
  if (other === undefined) return '(a name that leads to this machine instead of 127.0.0.1)'
  return mask(withHosts(given, (host, own) => (isLoopback(host) ? other : `${host}${own}`)))
}

async function leadingNowhere({ server, mask = unmasked }: Setting, given: string): Promise<string[]> {
  if (!server) return []
  const lost = await unresolvedAmong(hostsIn(given))
  const instead = withHosts(given, (host, port) =>
    lost.includes(host) ? `127.0.0.1${port || `:${server.port}`}` : `${host}${port}`,
  )
  return lost.map((host) => `leads nowhere: ${unresolved(host, mask(instead))}`)
}
