import type { CheckResult } from '../../src/doctor/check.ts'
import type { Check } from '../../src/doctor/doctor.ts'
import type { ProcessState } from '../../src/processes/process-state.ts'
import { expectRightCommands } from '../support/right-commands.ts'

export const NOW = new Date('2026-11-23T12:00:00Z')
export const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000)

/** What it finds; whatever it advises is tried with the command line's own parser. */
export async function look(check: Check): Promise<readonly CheckResult[]> {
  const results = [await check.look(new AbortController().signal)].flat()
  for (const { advice } of results) expectRightCommands(advice)
  return results
}

/** Its status, by name. */
export const statuses = async (check: Check) =>
  Object.fromEntries((await look(check)).map(({ name, status }) => [name, status]))

/** A process with every role that is well, but for what is said. */
export const processOf = (change: Partial<ProcessState> = {}): ProcessState => ({
  id: 'p',
  roles: ['web', 'relay', 'projector'],
  host: 'box',
  url: 'http://127.0.0.1:3000',
  version: '0.1.0',
  startedAt: daysAgo(1),
  seenAt: NOW,
  alive: true,
  readiness: { ready: true, checks: [] },
  memory: 100,
  figures: {
    keepsResults: 1,
    keepsSubmissions: 1,
    relays: 1,
    memoryLimit: 1000,
    diskFree: 50,
    diskSize: 100,
  },
  ...change,
})
