import type { Config } from '../config.ts'
import { withDeadline } from '../deadline.ts'
import type { Services } from '../services.ts'
import type { WebContext } from '../web/context.ts'
import { listen } from '../web/listen.ts'
import { buildServer } from '../web/server.ts'

const READY_MS = 1000

/** Pages and API. */
export async function startWeb(config: Config, services: Services) {
  const { commands, projections, readersLog, results } = services
  const context: WebContext = {
    commands,
    results,
    readersLog,
    defaultPoll: config.defaultPoll,
    publicUrl:
      config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${config.port}`,
    secret: commands.secret,
    operatorToken: config.operatorToken,
    trustProxy: config.trustProxy,
    logLevel: config.logLevel,
    metrics: services.metrics,
    readiness: async () => [
      await check('event log', commands.log.head()),
      // Results are answered for as long as somebody remembers them: what is asked is whether they are kept up to date.
      await check('results', withDeadline(READY_MS, 'the projection', projections.checkpoint())),
    ],
  }
  const app = await buildServer(context)
  return { url: await listen(app, config), close: () => app.close() }
}

async function check(name: string, asked: Promise<unknown>) {
  return asked.then(
    () => ({ name, ready: true }),
    (error: Error) => ({ name, ready: false, detail: error.message }),
  )
}
