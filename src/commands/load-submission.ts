import { validate as isUuid } from 'uuid'
import { Problem } from '../errors.ts'
import type { EventLog, RecordedEvent } from '../events/event-log.ts'
import { submissionStream } from '../events/submission-events.ts'
import { type Loaded, load } from './handler.ts'
import { type CastSubmission, evolveSubmission, noSubmission } from './submission-state.ts'

/** One submission as it stands, straight from its stream. @throws {Problem} SUBMISSION_NOT_FOUND, EVENT_LOG_UNAVAILABLE */
export async function loadSubmission(
  log: Pick<EventLog, 'readStream'>,
  submission: string,
): Promise<Loaded<CastSubmission>> {
  if (!isUuid(submission)) throw submissionNotFound()
  const stream = submissionStream(submission.toLowerCase())
  const { state, ...loaded } = await load(log, stream, evolveSubmission, noSubmission)
  if (state.status === 'none') throw submissionNotFound()
  return { ...loaded, state }
}

/**
 * One submission as it stood.
 * @param isThen tells which of its events count: those of a time or a position
 * @throws {Problem} SUBMISSION_NOT_FOUND, also if it was cast later, EVENT_LOG_UNAVAILABLE
 */
export async function loadSubmissionThen(
  log: Pick<EventLog, 'readStream'>,
  submission: string,
  isThen: (event: RecordedEvent) => boolean,
): Promise<Loaded<CastSubmission>> {
  const now = await loadSubmission(log, submission)
  const then = { readStream: async () => now.events.filter(isThen) }
  return await loadSubmission(then, submission).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error
    const [since, position] = [now.state.submittedAt, now.events[0]!.position.toString()]
    throw new Problem('SUBMISSION_NOT_FOUND', {
      detail: `It had not been submitted yet: it was first cast at ${since}, position ${position}.`,
      facts: { since, position },
    })
  })
}

export const submissionNotFound = (): Problem =>
  new Problem('SUBMISSION_NOT_FOUND', { detail: 'Check the link: no submission has this number.' })
