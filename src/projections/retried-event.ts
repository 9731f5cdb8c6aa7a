/** What operators do about parked events, as those who fold them need it. */
import { type DomainEvent, decode, type EventData } from '../events/domain-events.ts'
import type { Position, RecordedEvent } from '../events/event-log.ts'
import { decodeForFold } from './decode-for-fold.ts'

export type ActEvent = Extract<DomainEvent, { type: 'EventRetried' | 'EventSkipped' }>
/** What happens to polls and submissions. */
export type OwnEvent = Exclude<DomainEvent, ActEvent>

export const isAct = (event: DomainEvent): event is ActEvent =>
  event.type === 'EventRetried' || event.type === 'EventSkipped'

/** One act of an operator, and the parked event that it is about. */
export interface Act {
  readonly type: ActEvent['type']
  readonly position: Position
  readonly poll: string | undefined
}

/** The operators' acts among the events. */
export const actsIn = (events: readonly RecordedEvent[]): Act[] =>
  events.flatMap((event) => {
    if (event.type !== 'EventRetried' && event.type !== 'EventSkipped') return []
    try {
      const { type, data } = decode(event) as ActEvent
      return [{ type, position: BigInt(data.position), poll: data.poll }]
    } catch {
      // It is parked itself.
      return []
    }
  })

/** The event that was tried again, as far as it is known; undefined: it could not be read. */
export function retriedEvent({ position, event }: EventData<'EventRetried'>): RecordedEvent | undefined {
  return event && { ...event, position: BigInt(position), revision: 0, id: '', metadata: {}, recordedAt: '' }
}

/** @param poll that the act is about @throws if it cannot be applied, whatever there is */
export function decodeRetried(event: RecordedEvent, poll: string | undefined): OwnEvent {
  const decoded = decodeForFold(event)
  if (isAct(decoded)) throw new Error('what operators do is not tried again')
  if (decoded.data.poll !== poll) throw new Error(`it is of the poll ${decoded.data.poll}`)
  return decoded
}
