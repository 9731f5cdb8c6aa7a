import type { Config } from '../config.ts'
import { openDoctor } from '../open-doctor.ts'
import type { Services } from '../services.ts'
import { closeAfterAnswers } from '../web/base-server.ts'
import type { WebContext } from '../web/context.ts'
import { listen } from '../web/listen.ts'
import type { OperatorContext } from '../web/operator/context.ts'
import { CommandedPolls } from '../web/operator/polls/poll-operations.ts'
import { readPollTexts } from '../web/poll-texts.ts'
import { buildServer } from '../web/server.ts'

/** Pages and API. */
export async function startWeb(config: Config, services: Services) {
  const { commands, exports, guard, projections, readersLog, readiness, results, snapshots, trends } =
    services
  // With one of them away people still get what the other has: results, or a place to submit. Results are answered for
  // as long as somebody remembers them: what is asked is whether they are kept up to date.
  const parts = { 'event log': guard.tell, results: () => projections.checkpoint() }
  readiness.add({ role: 'web', parts, needs: 'one' })
  const doctor = openDoctor({ ...config, databaseUrl: services.databaseUrl })
  const context: WebContext = {
    commands,
    results,
    snapshots,
    trends,
    exports,
    readersLog,
    parkedEvents: services.parkedEvents,
    exclusions: services.exclusions,
    pollTexts: readPollTexts(config.pollsDir),
    defaultPoll: config.defaultPoll,
    publicUrl:
      config.publicUrl ?? `http://${config.host === '127.0.0.1' ? 'localhost' : config.host}:${config.port}`,
    secret: commands.secret,
    operatorToken: config.operatorToken,
    operator: operatorContext(services, doctor.doctor),
    trustProxy: config.trustProxy,
    logLevel: config.logLevel,
    metrics: services.metrics,
    readiness,
  }
  const app = await buildServer(context)
  // Asked for while the database is silent, the list of polls is the last known one.
  await results.polls().catch(() => {})
  const url = await listen(app, config)
  const close = async () => {
    await app.close()
    await doctor.close()
  }
  return { url, closeAfterAnswers: () => closeAfterAnswers(app), close }
}

/** What the operators' console looks at and acts on. */
const operatorContext = (services: Services, doctor: OperatorContext['doctor']): OperatorContext => ({
  projections: services.builds.operations,
  parked: services.parkedEvents,
  exclusions: services.exclusions,
  processes: services.observation.registry,
  doctor,
  polls: new CommandedPolls(services.commands, services.results),
  log: {
    head: () => services.commands.log.head(),
    positionsPerEvent: services.replays.positionsPerEvent,
  },
})
