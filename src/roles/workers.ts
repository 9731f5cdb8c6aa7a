import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { connectionLog } from '../connection-log.ts'
import type { EventLog, Position } from '../events/event-log.ts'
import { relay } from '../events/relay.ts'
import { locks } from '../postgres/advisory-lock.ts'
import { whileActive } from '../postgres/while-active.ts'
import type { ProjectionStore } from '../projections/projection-store.ts'
import type { Services } from '../services.ts'
import { runBuilders } from './builders.ts'
import { keepStates } from './keep-states.ts'
import { resultsProjector, submissionsProjector } from './projectors.ts'
import { RelayHealth } from './relay-health.ts'
import { addWorkerReadiness } from './worker-readiness.ts'

/** Relay and projectors, as far as they are among this process's roles, until `signal` aborts. */
export async function startWorkers(
  config: Config,
  services: Services,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const relayHealth = new RelayHealth()
  const health = addWorkerReadiness(config, services, relayHealth)
  const usualSource = services.messaging.isShared || config.roles.includes('relay') ? 'bus' : 'log'
  const surroundings = { services, logger, usualSource } as const
  const projectors = [
    resultsProjector(surroundings, health.results),
    submissionsProjector(surroundings, health.submissions),
  ]
  await Promise.all([
    config.roles.includes('relay') ? runRelay(services, logger, relayHealth, signal) : undefined,
    ...(config.roles.includes('projector') ? projectors.map((projector) => projector.run(signal)) : []),
    config.roles.includes('projector') ? keepStates(services, logger, signal) : undefined,
    config.roles.includes('projector') ? runBuilders(config, services, logger, signal) : undefined,
  ])
}

/** The one relay of a shared bus, or a standby; a bus of this process has one of its own. */
async function runRelay(
  services: Services,
  logger: Logger,
  health: RelayHealth,
  signal: AbortSignal,
): Promise<void> {
  const { databaseUrl, messaging, metrics, projections } = services
  const { log } = services.commands
  const tell = connectionLog(logger, 'the relay stands still', 'the relay follows the event log')
  const onRelayed = (position: Position) => metrics.relayed(position)
  const onOutcome = (error?: Error) => {
    health.outcome(error)
    tell(error)
  }
  if (!messaging.isShared) {
    health.active(true)
    metrics.relaying(true)
    // It keeps nothing for those who come later: they read the log.
    const neededAfter = () => log.head()
    return await relay({ log, bus: messaging.bus, neededAfter, onOutcome, onRelayed }, signal)
  }
  const neededAfter = () => checkpointOrHead(projections, log)
  await whileActive({ databaseUrl, lock: locks.relay, onError: tell }, signal, async (active) => {
    logger.info('relaying')
    health.active(true)
    metrics.relaying(true)
    await relay({ log, bus: messaging.bus, neededAfter, onOutcome, onRelayed }, active)
    metrics.relaying(false)
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
