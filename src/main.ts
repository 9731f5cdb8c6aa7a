/** The composition root: a process is put together from its roles. */
import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { openDefaultPoll } from './commands/open-default-poll.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { atMost } from './deadline.ts'
import { startHealth } from './roles/health.ts'
import { startHeartbeat } from './roles/heartbeat.ts'
import { watchSchema } from './roles/schema.ts'
import { startWeb } from './roles/web.ts'
import { startWorkers } from './roles/workers.ts'
import { openServices, type Services } from './services.ts'
import { collectAll } from './threads/collect-garbage.ts'
import { loggerOptions } from './web/logging.ts'

/** So long may what is in flight take to finish by itself: a silent server may never answer it. */
const DRAINING_MS = 4000
const STOPPING_MS = 1000

export interface RunningService {
  /** Where it listens: the web role with everything, the others with /livez, /readyz and /metrics. */
  readonly url: string
  readonly services: Services
  /**
   * Resolves when the event log was put back to an older state, the embedded PostgreSQL has moved, or the schema could
   * not be used and can again: close it then, and start it anew.
   */
  readonly outdated: Promise<void>
  /**
   * Is not ready any more, finishes what is in flight, then stops everything. What does not finish in time is
   * told so with a 503.
   * @param lingerMs for so long the web role takes new connections all the same
   */
  readonly close: (options?: { readonly lingerMs?: number }) => Promise<void>
}

/** What sends people here may need a moment to notice: Ctrl-C is not for such, a SIGTERM may be. */
const LINGER_MS = 1000

/** Starts the roles of this process. @throws {ConfigError} and whatever `openServices` throws */
export async function startService(config: Config): Promise<RunningService> {
  const logger = pino(loggerOptions(config.logLevel))
  const { promise: outdated, resolve: onOutdated } = Promise.withResolvers<void>()
  const services = await openServices(config, logger, { onOutdated })
  const stop = new AbortController()
  try {
    const onChanged = () =>
      logger.warn({ poll: config.defaultPoll }, 'the poll file has changed; the poll stays as it was opened')
    await services.tryLogAgain(() => openDefaultPoll(services.commands, config, onChanged))
    const isWeb = config.roles.includes('web')
    const server = await (isWeb ? startWeb : startHealth)(config, services)
    const schema = await watchSchema(services, logger, onOutdated, stop.signal)
    const working = AbortSignal.any([stop.signal, schema.refused])
    const workers = startWorkers(config, services, logger, working)
    const beating = startHeartbeat(config, services, logger, server.url, stop.signal)
    const close = async ({ lingerMs = 0 } = {}) => {
      services.readiness.end()
      server.closeAfterAnswers()
      if (isWeb && lingerMs > 0) await sleep(lingerMs)
      const drained = server.close()
      // Whoever is still answered may be waiting for the projector.
      if (isWeb) await atMost(DRAINING_MS, drained)
      stop.abort()
      await atMost(STOPPING_MS, Promise.all([workers, beating, schema.ended]))
      await services.close()
      await atMost(STOPPING_MS, drained)
    }
    return { url: server.url, services, outdated, close }
  } catch (error) {
    await services.close()
    throw error
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  let starting = startService(config)
  let ending = false
  // Whoever is told to end while still starting ends as soon as it has started, and leaves nothing running.
  closeWithGrace({ delay: 30_000 }, async ({ err, signal }) => {
    if (err) console.error(err)
    ending = true
    await starting.then((service) => service.close({ lingerMs: signal === 'SIGTERM' ? LINGER_MS : 0 }))
  })
  for (;;) {
    const service = await starting
    // Loading a program leaves some 50 MB that nothing else would ever press for.
    collectAll()
    console.log(greeting(config, service.url.replace('127.0.0.1', 'localhost')))
    await service.outdated
    if (ending) return
    // Nothing that it has in memory is to be trusted any more, wherever it is.
    starting = service.close().then(() => startService(config))
  }
}

const greeting = ({ roles }: Config, url: string): string =>
  roles.includes('web')
    ? `taxbudget listens on ${url}`
    : `taxbudget (${roles.join(', ')}) listens on ${url} for /livez, /readyz and /metrics`

if (import.meta.main)
  main().catch((error: Error) => {
    console.error(error instanceof ConfigError || error.cause ? error.message : error)
    process.exit(1)
  })
