/** The write side on a real log: what a process has, and a second process beside it. */
import { randomUUID } from 'node:crypto'
import { openPoll } from '../../src/commands/open-poll.ts'
import { PollCatalogue } from '../../src/commands/poll-catalogue.ts'
import {
  type SubmissionContext,
  type SubmissionRequest,
  submitAllocation,
} from '../../src/commands/submit-allocation.ts'
import { type DomainEvent, decode, schemaVersionOf } from '../../src/events/domain-events.ts'
import { type EventLog, NO_STREAM, type RecordedEvent, START } from '../../src/events/event-log.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { createTestDatabase } from '../support/database.ts'
import { cityParks, half } from './city-parks.ts'

export interface WriteSide extends SubmissionContext {
  /** Another process on the same log, with a memory of its own. */
  another(): SubmissionContext
  /** Everything in the log. */
  events(): Promise<RecordedEvent[]>
  close(): Promise<void>
}

const contextOn = (log: EventLog, clock?: () => number): SubmissionContext => ({
  log,
  polls: new PollCatalogue(log, clock),
  secret: 'a secret of more than thirty-two characters',
  now: () => new Date(),
  newId: randomUUID,
})

/** A log of its own in which the poll `city-parks` is open. @param clock what the memory of polls goes by */
export async function openWriteSide(clock?: () => number): Promise<WriteSide> {
  const database = await createTestDatabase()
  const log = new PostgresEventLog({ databaseUrl: database.url })
  const others: PostgresEventLog[] = []
  const context = contextOn(log, clock)
  await openPoll(context, cityParks)
  return {
    ...context,
    another: () => {
      const other = new PostgresEventLog({ databaseUrl: database.url })
      others.push(other)
      return contextOn(other, clock)
    },
    events: async () => {
      const batches = await Array.fromAsync(log.readAll({ after: START }))
      return batches.flat()
    },
    close: async () => {
      await Promise.all([log, ...others].map((it) => it.close()))
      await database.drop()
    },
  }
}

/** Submits to `city-parks`. */
export const submitTo = (context: SubmissionContext, request: Partial<SubmissionRequest> = {}) =>
  submitAllocation(context, { poll: cityParks.poll, allocation: half, via: 'api', ...request })

/** Appends events by hand, as an operator's tool would. */
export async function appendByHand(log: EventLog, stream: string, ...events: readonly DomainEvent[]) {
  const revision = (await log.readStream(stream)).at(-1)?.revision ?? NO_STREAM
  const stored = events.map(({ type, data }) => ({
    id: randomUUID(),
    type,
    schemaVersion: schemaVersionOf(type),
    data,
  }))
  await log.append(stream, stored, revision)
}

/** What a stream tells. */
export const story = async (log: EventLog, stream: string): Promise<DomainEvent[]> =>
  (await log.readStream(stream)).map(decode)

/** The same log, but before each of the next `times` appends `meanwhile` is awaited. */
export function withRivals(log: EventLog, times: number, meanwhile: () => Promise<unknown>): EventLog {
  let left = times
  return new Proxy(log, {
    get: (target, property) => {
      const value = Reflect.get(target, property)
      if (property !== 'append') return typeof value === 'function' ? value.bind(target) : value
      return async (...args: Parameters<EventLog['append']>) => {
        if (left-- > 0) await meanwhile()
        return await target.append(...args)
      }
    },
  })
}
