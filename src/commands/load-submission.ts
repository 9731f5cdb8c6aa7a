import { validate as isUuid } from 'uuid'
import { Problem } from '../errors.ts'
import type { EventLog } from '../events/event-log.ts'
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

export const submissionNotFound = (): Problem =>
  new Problem('SUBMISSION_NOT_FOUND', { detail: 'Check the link: no submission has this number.' })
