import { type DomainEvent, UnknownEvent } from '../../events/domain-events.ts'
import type { EventLog, RecordedEvent } from '../../events/event-log.ts'
import { decodeForFold } from '../decode-for-fold.ts'
import type { ParkedEvent } from '../fold.ts'
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

/**
 * @param stories what to tell again after an event: the whole stream of what is tried again
 * @returns what fits its poll but not its submission; the rest that does not fit, the fold parks as well
 */
export function applyAll(
  history: SubmissionHistory,
  decoded: readonly Decoded[],
  stories: ReadonlyMap<RecordedEvent, readonly Decoded[]> = new Map(),
): ParkedEvent[] {
  const misfits: ParkedEvent[] = []
  for (const { event, data } of decoded)
    try {
      history.apply(data, event)
      tellAgain(history, stories.get(event) ?? [])
    } catch (error) {
      if (error instanceof Misfit) misfits.push({ event, poll: pollOf(data), error: error.message })
    }
  return misfits
}

/** By the act, the events before it of each submission of which one is tried again. */
export async function storiesOf(
  log: Pick<EventLog, 'readStream'>,
  decoded: readonly Decoded[],
): Promise<Map<RecordedEvent, readonly Decoded[]>> {
  const stories = new Map<RecordedEvent, readonly Decoded[]>()
  for (const { event: act, data } of decoded) {
    if (data.type !== 'EventRetried' || !data.data.event) continue
    const events = await log.readStream(data.data.event.stream)
    stories.set(act, decodeAll(events.filter(({ position }) => position < act.position)).decoded)
  }
  return stories
}

/** The story of a submission, or of a poll, from its beginning: with an event that fits now, later ones may, too. */
function tellAgain(history: SubmissionHistory, story: readonly Decoded[]): void {
  const submission = story[0] && submissionOf(story[0].event)
  if (submission) history.remake(submission)
  // What does not fit has been told of before.
  applyAll(history, submission ? story : story.filter(({ data }) => isNew(history, data)))
}

const isNew = (history: SubmissionHistory, { type, data }: DomainEvent): boolean =>
  type === 'PollOpened' && !history.knows(data.poll)

const pollOf = ({ data }: DomainEvent): string | undefined => data.poll

/** Submissions that may have a row already. */
export const later = (events: readonly RecordedEvent[]): string[] => [
  ...new Set(events.flatMap((event) => (event.revision > 0 ? (submissionOf(event) ?? []) : []))),
]
