import { type DomainEvent, UnknownEvent } from '../../events/domain-events.ts'
import type { RecordedEvent } from '../../events/event-log.ts'
import { decodeForFold, type ParkedEvent } from '../fold.ts'
import type { SubmissionHistory } from './submission-history.ts'
import { Misfit, submissionOf } from './temporal-row.ts'

export interface Decoded {
  readonly event: RecordedEvent
  readonly data: DomainEvent
}

/** What the fold parks as undecodable is left out: it is told of there. */
export function decodeAll(events: readonly RecordedEvent[]): { decoded: Decoded[]; unknown: number } {
  const decoded: Decoded[] = []
  let unknown = 0
  for (const event of events)
    try {
      decoded.push({ event, data: decodeForFold(event) })
    } catch (error) {
      if (error instanceof UnknownEvent) unknown++
    }
  return { decoded, unknown }
}

/** @returns what fits its poll but not its submission; the rest that does not fit, the fold parks as well */
export function applyAll(history: SubmissionHistory, decoded: readonly Decoded[]): ParkedEvent[] {
  const misfits: ParkedEvent[] = []
  for (const { event, data } of decoded)
    try {
      history.apply(data, event)
    } catch (error) {
      if (error instanceof Misfit) misfits.push({ event, poll: data.data.poll, error: error.message })
    }
  return misfits
}

/** Submissions that may have a row already. */
export const later = (events: readonly RecordedEvent[]): string[] => [
  ...new Set(events.flatMap((event) => (event.revision > 0 ? (submissionOf(event) ?? []) : []))),
]
