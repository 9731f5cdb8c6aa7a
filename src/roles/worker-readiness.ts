import type { Config } from '../config.ts'
import type { Bus } from '../events/bus.ts'
import type { Services } from '../services.ts'
import { ProjectorHealth } from './projector-health.ts'

/** Has /readyz tell of relay and projector, as far as they are among this process's roles. */
export function addWorkerReadiness({ roles }: Config, services: Services, bus: Bus): ProjectorHealth {
  const { projections, readiness } = services
  const { log } = services.commands
  const health = new ProjectorHealth(log, projections)
  // Nobody else speaks on a bus that is in this process.
  health.fedBy(roles.includes('relay') ? 'bus' : 'log')
  const eventLog = { 'event log': () => log.head() }
  if (roles.includes('relay'))
    readiness.add({ role: 'relay', parts: { ...eventLog, bus: () => bus.lastPosition() }, needs: 'all' })
  if (roles.includes('projector'))
    readiness.add({
      role: 'projector',
      parts: { ...eventLog, projection: () => health.tell() },
      needs: 'all',
    })
  return health
}
