import { type DomainEvent, decode } from '../events/domain-events.ts'
import type { RecordedEvent } from '../events/event-log.ts'
import { PollSlug } from '../events/poll-events.ts'
import { accept, type Decision, reject } from './decider.ts'
import type { ParkedEventActs } from './parked-event-state.ts'

export interface RetryEvent {
  /** The parked event as it stands in the log. */
  readonly parked: RecordedEvent
  /** What follows in its stream. */
  readonly later: readonly RecordedEvent[]
  /** Label of the operator. */
  readonly by: string
  readonly occurredAt: string
}

/** Has a parked event tried again, as far as it can be read today; not one that somebody has left out for good. */
export function decideRetryEvent(command: RetryEvent, state: ParkedEventActs): Decision {
  if (state === 'skipped')
    return reject('PARKED_EVENT_NOT_FOUND', { detail: `${command.parked.position} was left out for good.` })
  const { parked, later, by, occurredAt } = command
  const { stream, type, schemaVersion } = parked
  const data = parked.data as Record<string, unknown>
  const event = readable(parked) ? { stream, type, schemaVersion, data } : undefined
  return accept({
    type: 'EventRetried',
    data: {
      ...aboutParked(parked),
      by,
      occurredAt,
      ...(event && { event }),
      ...(isStatus(type) && later.some(isReadableStatus) && { overtaken: true }),
    },
  })
}

/** Where the parked event stands, and of which poll it is, if that can be read. */
export function aboutParked({ position, data }: Pick<RecordedEvent, 'position' | 'data'>) {
  const poll = PollSlug.safeParse((data as { poll?: unknown } | null)?.poll)
  return { position: String(position), ...(poll.success && { poll: poll.data }) }
}

function readable(event: RecordedEvent): DomainEvent | undefined {
  try {
    return decode(event)
  } catch {
    return undefined
  }
}

/** A poll is open or closed as its last event says. */
const isStatus = (type: string): boolean => type === 'PollClosed' || type === 'PollReopened'
const isReadableStatus = (event: RecordedEvent): boolean =>
  isStatus(event.type) && readable(event) !== undefined
