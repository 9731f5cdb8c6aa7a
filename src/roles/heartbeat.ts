import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import packageJson from '../../package.json' with { type: 'json' }
import type { Config } from '../config.ts'
import { outageLog } from '../connection-log.ts'
import { programSchema } from '../postgres/migrations.ts'
import { keepBeating } from '../processes/heartbeat.ts'
import { Rates } from '../processes/rates.ts'
import type { Services } from '../services.ts'

/** Has operators see this process among the others, until `signal` aborts. Never throws. */
export async function startHeartbeat(
  { roles }: Config,
  { metrics, observation, readiness }: Services,
  logger: Logger,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const { registry, database } = observation
  const rates = new Rates(metrics)
  const host = hostname()
  const schema = await programSchema()
  await keepBeating(
    {
      registry,
      self: {
        id: randomUUID(),
        roles,
        host,
        url: reachable(url, host),
        version: packageJson.version,
        schema,
      },
      readiness,
      figures: async () => ({ ...rates.figures(), ...(await observation.figures()) }),
      noteSize: () => database.noteSize(),
      onOutcome: outageLog(
        logger,
        'operators do not see this process: it cannot tell the database of itself',
        'operators see this process again',
      ),
    },
    signal,
  )
}

/** Who listens on every address is found by the machine's name. */
const reachable = (url: string, host: string): string =>
  url.replace(/^http:\/\/(0\.0\.0\.0|::|\[::\])(?=:\d+$)/, `http://${host}`)
