import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { connectionLog, outageLog } from '../connection-log.ts'
import type { EventLog, Position } from '../events/event-log.ts'
import { relay } from '../events/relay.ts'
import { holdAdvisoryLock, locks } from '../postgres/advisory-lock.ts'
import { whileActive } from '../postgres/while-active.ts'
import type { Source } from '../projections/feed.ts'
import type { ProjectionStore } from '../projections/projection-store.ts'
import { Projector } from '../projections/projector.ts'
import type { Services } from '../services.ts'
import { projectedLog } from './projected-log.ts'
import { RelayHealth } from './relay-health.ts'
import { addWorkerReadiness } from './worker-readiness.ts'

/** Relay and projector, as far as they are among this process's roles, until `signal` aborts. */
export async function startWorkers(
  config: Config,
  services: Services,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { commands, databaseUrl, metrics, projections, snapshots } = services
  const { bus } = services.messaging
  const { log } = commands
  const relayHealth = new RelayHealth()
  const health = addWorkerReadiness(config, services, relayHealth)
  const logProjected = projectedLog(logger)
  // Nobody else speaks on a bus that is in this process.
  const usualSource = services.messaging.isShared || config.roles.includes('relay') ? 'bus' : 'log'
  const fedBy = (source: Source) => {
    health.fedBy(source)
    metrics.followsLog(source === 'log')
  }
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
      if (active) fedBy(usualSource)
      else snapshots.abandon()
    },
    onParked: ({ event, error }) => {
      metrics.parked()
      logger.error({ position: String(event.position), type: event.type, error }, 'an event is parked')
    },
    onSource: (source) => {
      fedBy(source)
      if (source === 'log') logger.warn('the bus does not bring what is in the log: following the log itself')
      else logger.info('the bus brings everything again')
    },
    onCommitted: (events) => {
      health.progressed()
      logProjected(events)
    },
    onShown: outageLog(
      logger,
      'snapshots cannot be written: results come from the projection',
      'snapshots are written again',
    ),
    onError: (error) => {
      health.failed(error)
      logger.warn({ err: error }, 'the projector starts anew')
    },
  })
  await Promise.all([
    config.roles.includes('relay') ? runRelay(services, logger, relayHealth, signal) : undefined,
    config.roles.includes('projector') ? projector.run(signal) : undefined,
  ])
}

/** The one relay of a shared bus, or a standby; a bus of this process has one of its own. */
async function runRelay(
  services: Services,
  logger: Logger,
  health: RelayHealth,
  signal: AbortSignal,
): Promise<void> {
  const { databaseUrl, messaging, projections } = services
  const { log } = services.commands
  const tell = connectionLog(logger, 'the relay stands still', 'the relay follows the event log')
  const onOutcome = (error?: Error) => {
    health.outcome(error)
    tell(error)
  }
  if (!messaging.isShared) {
    health.active(true)
    // It keeps nothing for those who come later: they read the log.
    const neededAfter = () => log.head()
    return await relay({ log, bus: messaging.bus, neededAfter, onOutcome }, signal)
  }
  const neededAfter = () => checkpointOrHead(projections, log)
  await whileActive({ databaseUrl, lock: locks.relay, onError: tell }, signal, async (active) => {
    logger.info('relaying')
    health.active(true)
    await relay({ log, bus: messaging.bus, neededAfter, onOutcome }, active)
    health.active(false)
    logger.info('no longer relaying')
  })
}

/** So far back a bus that was emptied is filled again; a projection that is further back reads the log anyway. */
const REFILL_POSITIONS = 1_000_000n

async function checkpointOrHead(projections: ProjectionStore, log: EventLog): Promise<Position> {
  const [head, checkpoint] = await Promise.all([log.head(), projections.checkpoint()])
  return head - checkpoint > REFILL_POSITIONS ? head : checkpoint
}
