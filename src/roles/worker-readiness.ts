import type { Config } from '../config.ts'
import type { Services } from '../services.ts'
import { ProjectorHealth } from './projector-health.ts'
import type { RelayHealth } from './relay-health.ts'

/** Has /readyz tell of relay and projectors, as far as they are among this process's roles. */
export function addWorkerReadiness({ roles }: Config, services: Services, relayHealth: RelayHealth) {
  const { guard, messaging, projections, readiness, submissionRows } = services
  const { log } = services.commands
  const results = new ProjectorHealth(log, projections, { bus: messaging })
  const submissions = new ProjectorHealth(log, submissionRows, { bus: messaging })
  const eventLog = { 'event log': guard.tell }
  if (roles.includes('relay'))
    readiness.add({
      role: 'relay',
      parts: {
        ...eventLog,
        bus: async () => {
          messaging.mustBeConnected()
          return relayHealth.tell()
        },
      },
      needs: 'all',
    })
  if (roles.includes('projector'))
    readiness.add({
      role: 'projector',
      parts: { ...eventLog, projection: () => results.tell(), submissions: () => submissions.tell() },
      needs: 'all',
    })
  return { results, submissions }
}
