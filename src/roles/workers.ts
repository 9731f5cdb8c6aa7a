import type { Logger } from 'pino'
import { openBus } from '../adapters.ts'
import { forgetChangedPolls } from '../commands/forget-changed-polls.ts'
import type { Config } from '../config.ts'
import { connectionLog } from '../connection-log.ts'
import { relay } from '../events/relay.ts'
import { holdAdvisoryLock, locks } from '../postgres/advisory-lock.ts'
import { Projector } from '../projections/projector.ts'
import type { Services } from '../services.ts'
import { projectedLog } from './projected-log.ts'
import { addWorkerReadiness } from './worker-readiness.ts'

/** Relay and projector, as far as they are among this process's roles, until `signal` aborts. */
export async function startWorkers(
  config: Config,
  services: Services,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { commands, databaseUrl, metrics, projections, snapshots } = services
  const { log } = commands
  const bus = await openBus()
  const health = addWorkerReadiness(config, services, bus)
  const logProjected = projectedLog(logger)
  const onConnection = connectionLog(logger, 'the event log is lost', 'following the event log')
  const projector = new Projector({
    log,
    bus,
    store: projections,
    snapshots,
    hold: (until) => holdAdvisoryLock(databaseUrl, locks.categoryAggregateProjector, until),
    onActive: (active) => {
      health.active(active)
      metrics.projecting(active)
      logger.info({ active }, active ? 'projecting' : 'no longer projecting')
      if (!active) snapshots.abandon()
    },
    onParked: ({ event, error }) => {
      metrics.parked()
      logger.error({ position: String(event.position), type: event.type, error }, 'an event is parked')
    },
    onCommitted: (events) => {
      health.progressed()
      logProjected(events)
    },
    onError: (error) => {
      health.failed(error)
      logger.warn({ err: error }, 'the projector starts anew')
    },
  })
  await Promise.all([
    forgetChangedPolls(bus, commands.polls, signal),
    config.roles.includes('relay') ? relay({ log, bus, onConnection }, signal) : undefined,
    config.roles.includes('projector') ? projector.run(signal) : undefined,
  ])
  await bus.close()
}
