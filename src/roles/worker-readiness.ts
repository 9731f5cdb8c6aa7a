import type { Config } from '../config.ts'
import type { Services } from '../services.ts'
import { ProjectorHealth } from './projector-health.ts'

/** Has /readyz tell of relay and projectors, as far as they are among this process's roles. */
export function addWorkerReadiness({ roles }: Config, services: Services) {
  const { messaging, projections, readiness, submissionRows } = services
  const { log } = services.commands
  const results = new ProjectorHealth(log, projections)
  const submissions = new ProjectorHealth(log, submissionRows)
  const eventLog = { 'event log': () => log.head() }
  if (roles.includes('relay'))
    readiness.add({
      role: 'relay',
      parts: { ...eventLog, bus: async () => messaging.mustBeConnected() },
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
