import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { seededRandom } from '../src/cli/simulate/random.ts'
import { simulateAllocation } from '../src/cli/simulate/simulate-allocation.ts'
import { openPoll } from '../src/commands/open-poll.ts'
import { PollCatalogue } from '../src/commands/poll-catalogue.ts'
import { submitAllocation } from '../src/commands/submit-allocation.ts'
import { PollDefinition } from '../src/events/poll-events.ts'
import { PostgresEventLog } from '../src/events/postgres/postgres-event-log.ts'
import type { ProjectResult } from './processes/project.ts'
import { runProcess } from './processes.ts'
import { query } from './workbench.ts'

/** The poll that everything is measured with. */
export const POLL = 'us-federal'

export async function pollDefinition(): Promise<PollDefinition> {
  const file = new URL(`../polls/${POLL}.json`, import.meta.url)
  return PollDefinition.parse(JSON.parse(await readFile(file, 'utf8')))
}

/** So many submissions are under way at once: enough to fill every commit. */
const IN_FLIGHT = 2000
const TELL_EVERY_MS = 10_000

export interface SeedOptions {
  readonly submissions: number
  /** They are spread evenly over so many years until now; unset: all are of now. */
  readonly years?: number
}

export const YEAR_MS = 365.25 * 86_400_000

/** Submits through the real command and the real log, then lets the real projector project it. */
export async function seed(
  databaseUrl: string,
  { submissions, years = 0 }: SeedOptions,
  tell: (done: number) => void,
): Promise<void> {
  const definition = await pollDefinition()
  const log = new PostgresEventLog({ databaseUrl, deadlineMs: 60_000 })
  const polls = new PollCatalogue(log)
  const context = { log, polls, secret: 'x'.repeat(32), now: () => new Date(), newId: randomUUID }
  await openPoll(context, definition)
  let [next, told] = [0, performance.now()]
  const submitInTurn = async () => {
    while (next < submissions) {
      const occurredAt = new Date(Date.now() - years * YEAR_MS * (1 - next / submissions))
      const key = `bench-${next++}`
      const allocation = simulateAllocation(definition, seededRandom(key))
      await submitAllocation(
        { ...context, now: () => occurredAt },
        { poll: POLL, allocation, via: 'simulation', key },
      )
      if (performance.now() - told < TELL_EVERY_MS) continue
      told = performance.now()
      tell(next)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, submitInTurn))
  await log.close()
  // What autovacuum would do in the middle of a measurement.
  await query(databaseUrl, 'vacuum analyze events')
  await query(databaseUrl, 'checkpoint')
  await runProcess<ProjectResult>('project.ts', { DATABASE_URL: databaseUrl })
}
