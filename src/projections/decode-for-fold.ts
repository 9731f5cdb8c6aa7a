import { type DomainEvent, decode, type EventType } from '../events/domain-events.ts'
import type { RecordedEvent } from '../events/event-log.ts'

/**
 * Whose schema the fold checks itself, faster, as far as it uses it: there are millions of these. In all of these
 * versions, up to today's, that is the same.
 */
const checkedByFold: ReadonlyMap<string, number> = new Map<EventType, number>([
  ['AllocationSubmitted', 2],
  ['AllocationRevised', 1],
  ['AllocationWithdrawn', 1],
  ['SubmissionExcluded', 2],
  ['SubmissionReinstated', 2],
])

/** Whether the fold checks submissions of this version itself. */
export const foldsSubmitted = (schemaVersion: number): boolean =>
  schemaVersion >= 1 && schemaVersion <= checkedByFold.get('AllocationSubmitted')!

/** A stored event, checked as far as a fold needs it. @throws {UnknownEvent} @throws if it must be parked */
export function decodeForFold(event: RecordedEvent): DomainEvent {
  const { type, schemaVersion, data } = event
  const version = checkedByFold.get(type) ?? 0
  if (!(schemaVersion >= 1 && schemaVersion <= version)) return decode(event)
  if (typeof data !== 'object' || data === null) throw new Error('the event has no data')
  const { occurredAt, submittedAt } = data as { occurredAt?: unknown; submittedAt?: unknown }
  if (!isInstant(occurredAt)) throw new Error('occurredAt is missing')
  if (type !== 'AllocationSubmitted' && !isInstant(submittedAt)) throw new Error('submittedAt is missing')
  return { type, data } as DomainEvent
}

const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** No other time was ever written: everything that is kept by time can rely on it. */
export const isInstant = (time: unknown): boolean => typeof time === 'string' && INSTANT.test(time)
