import { Problem } from '../../errors.ts'
import type { BuildableName } from '../../projections/builds/read-models.ts'
import { type Call, command } from '../command.ts'
import { type ExitCode, FINE } from '../exit-codes.ts'
import { group } from '../progress.ts'
import type { Services } from '../services.ts'
import { labelOf, namesOf, workOptions } from './options.ts'
import { buildingOf, watchBuild } from './watch.ts'

export const rebuild = command({
  name: 'projections rebuild',
  operands: [],
  summary: 'Builds the next version of a projection beside the live one, and compares it with a replay',
  options: {
    ...workOptions,
    promote: { type: 'boolean', help: 'makes it the live one as soon as it is ready' },
    'dry-run': { type: 'boolean', help: 'only says what would be done' },
  },
  details:
    'A running service does the work, else this command. Stopped or killed, it goes on from where it was: projections resume.',
  run: async (call) => {
    const { values, terminal } = call
    const by = labelOf(values.by)
    const { builds, commands, replays } = await call.services()
    for (const name of namesOf(values.projection)) {
      if (values['dry-run']) {
        const events = (await commands.log.head()) / replays.positionsPerEvent
        terminal.say(`Would build the next version of ${name} from ${group(Number(events))} events.`)
        continue
      }
      const version = await begin(builds, terminal, name, { by, promote: values.promote })
      const code = values.detach ? FINE : await watchAndPromote(call, name, version, by, values.promote)
      if (code !== FINE) return code
    }
    return FINE
  },
})

/** Begins one, or joins what has begun. @returns its version */
async function begin(
  { operations }: Services['builds'],
  terminal: Call['terminal'],
  name: BuildableName,
  options: { readonly by: string; readonly promote: boolean },
): Promise<number> {
  try {
    const { version } = await operations.rebuild(name, options)
    terminal.say(`Version ${version} of ${name} is begun.`)
    return version
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'BUILD_EXISTS')) throw error
    const building = buildingOf(await operations.list(), name)
    if (!building) throw error
    terminal.warn(error.message)
    return building.version
  }
}

/** What somebody else has begun without promoting it is promoted here. */
async function watchAndPromote(
  call: Pick<Call, 'services' | 'signal' | 'terminal'>,
  name: BuildableName,
  version: number,
  by: string,
  promote: boolean,
): Promise<ExitCode> {
  const code = await watchBuild(call, name, version)
  const { operations } = (await call.services()).builds
  const left = buildingOf(await operations.list(), name)
  if (code !== FINE || left?.version !== version) return code
  if (!promote) {
    call.terminal.say(`To make it the live one: taxbudget projections promote --projection ${name}`)
    return code
  }
  await operations.promote(name, version, by)
  call.terminal.say(`Version ${version} of ${name} is the live one now.`)
  return FINE
}
