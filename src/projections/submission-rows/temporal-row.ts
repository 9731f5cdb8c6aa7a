import type { Position, RecordedEvent } from '../../events/event-log.ts'
import { submissionStream } from '../../events/submission-events.ts'

/** How a value ceased to count. */
export type Ending = 'revised' | 'withdrawn' | 'excluded'

/** One value that a submission has had. Times are milliseconds since 1970. */
export interface TemporalRow {
  readonly submission: string
  readonly poll: string
  readonly pseudonym: string
  readonly from: Position
  readonly submittedAt: number
  /** Never before what went before it, whatever the clocks said. */
  readonly changedAt: number
  /** Basis points in the order of the poll's categories. */
  readonly shares: readonly number[]
  end?: { readonly position: Position; readonly time: number; readonly how: Ending }
}

/** The event does not fit what its submission is. The fold, which looks at sums alone, may have taken it. */
export class Misfit extends Error {
  override readonly name = 'Misfit'
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const PREFIX = submissionStream('')

/** The submission that the event belongs to, if any: a UUID. */
export function submissionOf({ stream }: Pick<RecordedEvent, 'stream'>): string | undefined {
  const id = stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : ''
  return UUID.test(id) ? id : undefined
}

/** What PostgreSQL and ISO 8601 both can write: the years 1 to 9999. */
const EARLIEST = Date.parse('0001-01-01T00:00:00.000Z')
const LATEST = Date.parse('9999-12-31T23:59:59.999Z')

/** When the event occurred; if it cannot be said, when the log took it. */
export function timeOf(occurredAt: string, event: Pick<RecordedEvent, 'recordedAt'>): number {
  const time = Date.parse(occurredAt)
  // Worked out only where it is asked for.
  return time >= EARLIEST && time <= LATEST ? time : Date.parse(event.recordedAt)
}
