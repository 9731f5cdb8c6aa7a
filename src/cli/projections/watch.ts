import { setTimeout as sleep } from 'node:timers/promises'
import type { BuilderEvent } from '../../projections/builds/builder.ts'
import type { ProjectionVersion } from '../../projections/builds/projection-operations.ts'
import type { BuildableName } from '../../projections/builds/read-models.ts'
import type { Call } from '../command.ts'
import { type ExitCode, FAILED, FINE } from '../exit-codes.ts'
import { showProgress } from '../progress.ts'
import type { Services } from '../services.ts'
import type { Terminal } from '../terminal.ts'

const LOOK_EVERY_MS = 250
/** A running service takes a build up within a second or two. */
const SERVICE_WITHIN_MS = 3000

/** The version of a projection that is being built. */
export const buildingOf = (versions: readonly ProjectionVersion[], name: string) =>
  versions.find(({ projection, status }) => projection === name && status === 'building')

/**
 * Stays until what is being built is done, and works on it itself where no service does.
 * @returns FAILED if it failed, was paused, or this was stopped; it has been told then how to go on
 */
export async function watchBuild(
  call: Pick<Call, 'services' | 'signal' | 'terminal'>,
  name: BuildableName,
  version: number,
): Promise<ExitCode> {
  const { signal, terminal } = call
  const { builds } = await call.services()
  const own = ownBuilder(builds, name, terminal)
  const progress = showProgress('events', terminal.stderr)
  try {
    for (const started = performance.now(); !signal.aborted; await sleep(LOOK_EVERY_MS)) {
      const versions = await builds.operations.list()
      const building = buildingOf(versions, name)
      if (building?.version !== version) return whatBecame(call, versions, name, version, progress.stop)
      const { state = 'waiting', head = 0n, events = 0, lastError } = building.build ?? {}
      progress.update(head > 0n ? Math.min(1, Number(building.position) / Number(head)) : 0, events)
      if (state === 'ready' && !building.build?.promoteWhenReady)
        return done(
          call,
          `Version ${version} of ${name} is ready: it is the same as a replay at position ${building.position}.`,
          progress.stop,
        )
      if (state === 'failed' || state === 'paused') {
        progress.stop()
        terminal.warn(
          `Version ${version} of ${name} is ${state}${state === 'failed' ? `: ${lastError}` : '.'}`,
        )
        terminal.say(`To go on: taxbudget projections resume --projection ${name}`)
        return FAILED
      }
      if (state === 'waiting' && performance.now() - started > SERVICE_WITHIN_MS) own.start()
    }
    progress.stop()
    const goesOn = own.started ? 'What is done is kept.' : 'A running service goes on with it.'
    terminal.say(`${goesOn} To go on here: taxbudget projections resume --projection ${name}`)
    return FAILED
  } finally {
    progress.stop()
    await own.stop()
  }
}

function whatBecame(
  call: Pick<Call, 'terminal'>,
  versions: readonly ProjectionVersion[],
  name: string,
  version: number,
  stop: () => void,
): ExitCode {
  const now = versions.find((each) => each.projection === name && each.version === version)
  if (now?.status === 'live') return done(call, `Version ${version} of ${name} is the live one now.`, stop)
  stop()
  call.terminal.warn(`Version ${version} of ${name} is ${now ? now.status : 'given up'}.`)
  return FAILED
}

function done({ terminal }: Pick<Call, 'terminal'>, sentence: string, stop: () => void): ExitCode {
  stop()
  terminal.say(sentence)
  return FINE
}

/**
 * Stays until what nobody reads any more is taken away, here or by a running service.
 * @returns false if this was stopped before; it has been told then who does the rest
 */
export async function sweep(
  { services, signal, terminal }: Pick<Call, 'services' | 'signal' | 'terminal'>,
  name: BuildableName,
): Promise<boolean> {
  const { builds } = await services()
  if ((await builds.discarded(name)).length === 0) return true
  const own = ownBuilder(builds, name, terminal)
  own.start()
  while (!signal.aborted && (await builds.discarded(name)).length > 0) await sleep(LOOK_EVERY_MS)
  await own.stop()
  if (!signal.aborted) return true
  terminal.say('What is left is taken away by a process with the projector role, as soon as it has time.')
  return false
}

/** Works on a projection in this process, as a standby beside whoever works on it already. */
export function ownBuilder(
  builds: Services['builds'],
  name: BuildableName,
  { warn }: Pick<Terminal, 'warn'>,
) {
  const stopping = new AbortController()
  let told = ''
  const tell = (event: BuilderEvent) => {
    if (event.what !== 'failed' || event.error.message === told) return
    told = event.error.message
    warn(`${event.final ? 'It fails' : 'It is tried again'}: ${told}`)
  }
  let running: Promise<void> | undefined
  return {
    start: () => {
      running ??= builds.builder(name, tell).run(stopping.signal)
    },
    get started() {
      return running !== undefined
    },
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
