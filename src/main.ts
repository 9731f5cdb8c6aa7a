/** The composition root: a process is put together from its roles. */
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { openDefaultPoll } from './commands/open-default-poll.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { atMost } from './deadline.ts'
import { startWeb } from './roles/web.ts'
import { startWorkers } from './roles/workers.ts'
import { openServices, type Services } from './services.ts'
import { loggerOptions } from './web/logging.ts'

/** So long may what is in flight take to finish by itself: a silent server may never answer it. */
const DRAINING_MS = 4000
const STOPPING_MS = 1000

export interface RunningService {
  /** Where the web role listens; undefined without it. */
  readonly url: string | undefined
  readonly services: Services
  /** Finishes what is in flight, then stops everything. What does not finish in time is told so with a 503. */
  readonly close: () => Promise<void>
}

/** Starts the roles of this process. @throws {ConfigError} and whatever `openServices` throws */
export async function startService(config: Config): Promise<RunningService> {
  const logger = pino(loggerOptions(config.logLevel))
  const services = await openServices(config, logger)
  const stop = new AbortController()
  try {
    await openDefaultPoll(services.commands, config, () =>
      logger.warn({ poll: config.defaultPoll }, 'the poll file has changed; the poll stays as it was opened'),
    )
    const web = config.roles.includes('web') ? await startWeb(config, services) : undefined
    const workers = startWorkers(config, services, logger, stop.signal)
    const close = async () => {
      const drained = Promise.resolve(web?.close())
      await atMost(DRAINING_MS, drained)
      stop.abort()
      await atMost(STOPPING_MS, workers)
      await services.close()
      await atMost(STOPPING_MS, drained)
    }
    return { url: web?.url, services, close }
  } catch (error) {
    await services.close()
    throw error
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const starting = startService(config)
  // Whoever is told to end while still starting ends as soon as it has started, and leaves nothing running.
  closeWithGrace({ delay: 30_000 }, async ({ err }) => {
    if (err) console.error(err)
    await starting.then((service) => service.close())
  })
  const service = await starting
  if (service.url) console.log(`taxbudget listens on ${service.url.replace('127.0.0.1', 'localhost')}`)
}

if (import.meta.main)
  main().catch((error: Error) => {
    console.error(error instanceof ConfigError || error.cause ? error.message : error)
    process.exit(1)
  })
