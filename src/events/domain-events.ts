/**
 * The catalogue of everything that can happen. An event's name and schema version are storage: a version that was
 * ever written keeps its schema here, an example in `tests/events/stored`, and an upcaster to the next version.
 */
import type { z } from 'zod'
import type { RecordedEvent } from './event-log.ts'
import { EventRetried, EventSkipped } from './operator-events.ts'
import { unsigned } from './operator-label.ts'
import { PollClosed, PollClosedV1, PollOpened, PollReopened, PollReopenedV1 } from './poll-events.ts'
import {
  AllocationRevised,
  AllocationSubmitted,
  AllocationSubmittedV1,
  AllocationWithdrawn,
  SubmissionExcluded,
  SubmissionExcludedV1,
  SubmissionReinstated,
  SubmissionReinstatedV1,
} from './submission-events.ts'

/** The event that is tried again keeps to the schema of its own version. @throws {UnknownEvent} it is of the future */
const EventRetriedStrictly = EventRetried.refine(({ event }) => event === undefined || isDecodable(event), {
  path: ['event', 'data'],
  error: 'is not what its name and version promise',
})

/** Today's schema of every event. */
const current = {
  PollOpened,
  PollClosed,
  PollReopened,
  AllocationSubmitted,
  AllocationRevised,
  AllocationWithdrawn,
  SubmissionExcluded,
  SubmissionReinstated,
  EventRetried: EventRetriedStrictly,
  EventSkipped,
}

type Schemas = typeof current
export type EventType = keyof Schemas
export type EventData<T extends EventType> = z.infer<Schemas[T]>
export type DomainEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType]

/** One event's versions, oldest first: `schemas[0]` is version 1, `upcasters[0]` leads from version 1 to 2. */
export interface EventHistory {
  readonly schemas: readonly z.ZodType[]
  readonly upcasters: readonly ((data: never) => object)[]
}

/** What the newer version adds may be missing in it, too. */
const asItWas = <Data extends object>(data: Data): Data => data

/** Every event ever written, with all its versions. */
export const eventHistories: Readonly<Record<EventType, EventHistory>> = {
  PollOpened: { schemas: [PollOpened], upcasters: [] },
  PollClosed: { schemas: [PollClosedV1, PollClosed], upcasters: [unsigned] },
  PollReopened: { schemas: [PollReopenedV1, PollReopened], upcasters: [unsigned] },
  AllocationSubmitted: { schemas: [AllocationSubmittedV1, AllocationSubmitted], upcasters: [asItWas] },
  AllocationRevised: { schemas: [AllocationRevised], upcasters: [] },
  AllocationWithdrawn: { schemas: [AllocationWithdrawn], upcasters: [] },
  SubmissionExcluded: { schemas: [SubmissionExcludedV1, SubmissionExcluded], upcasters: [unsigned] },
  SubmissionReinstated: { schemas: [SubmissionReinstatedV1, SubmissionReinstated], upcasters: [unsigned] },
  EventRetried: { schemas: [EventRetriedStrictly], upcasters: [] },
  EventSkipped: { schemas: [EventSkipped], upcasters: [] },
}

/** The schema version that is written today. */
export const schemaVersionOf = (type: EventType): number => eventHistories[type].schemas.length

/** The event's name or version is one that this program does not know: count it, report it, go on. */
export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent'
}

/** The event's data is not what its name and version promise. */
export class UndecodableEvent extends Error {
  override readonly name = 'UndecodableEvent'
}

/**
 * Checks stored data against the schema of its own version and carries it up to today's.
 * @throws {UnknownEvent} a name, or a version from the future, that is not in the histories
 * @throws {UndecodableEvent} data that does not fit
 */
export function decodeWith(
  histories: Readonly<Record<string, EventHistory>>,
  stored: Pick<RecordedEvent, 'type' | 'schemaVersion' | 'data'>,
): { type: string; data: unknown } {
  const history = Object.hasOwn(histories, stored.type) ? histories[stored.type] : undefined
  const schema = history?.schemas[stored.schemaVersion - 1]
  if (!history || !schema) throw new UnknownEvent(`${stored.type} version ${stored.schemaVersion}`)
  const parsed = schema.safeParse(stored.data)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new UndecodableEvent(`${stored.type}: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const upcasters = history.upcasters.slice(stored.schemaVersion - 1)
  const data = upcasters.reduce((older, upcast) => upcast(older as never), parsed.data)
  return { type: stored.type, data }
}

/** A stored event as one of today's domain events. Throws as `decodeWith` does. */
export const decode = (stored: Pick<RecordedEvent, 'type' | 'schemaVersion' | 'data'>): DomainEvent =>
  decodeWith(eventHistories, stored) as DomainEvent

/** @throws {UnknownEvent} */
function isDecodable(stored: Pick<RecordedEvent, 'type' | 'schemaVersion' | 'data'>): boolean {
  try {
    decode(stored)
    return true
  } catch (error) {
    if (error instanceof UndecodableEvent) return false
    throw error
  }
}
