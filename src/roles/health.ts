import type { Config } from '../config.ts'
import type { Services } from '../services.ts'
import { closeAfterAnswers } from '../web/base-server.ts'
import { buildHealthServer } from '../web/health-server.ts'
import { listen } from '../web/listen.ts'

/** Tells how the process is where the web role, which tells it too, is not among its roles. */
export async function startHealth(config: Config, { metrics, readiness }: Services) {
  const app = buildHealthServer({ metrics, readiness, logLevel: config.logLevel })
  const url = await listen(app, config)
  return { url, closeAfterAnswers: () => closeAfterAnswers(app), close: () => app.close() }
}
