import { loadSubmission, loadSubmissionThen } from '../commands/load-submission.ts'
import type { RecordedEvent } from '../events/event-log.ts'
import { occurredAtOf } from '../projections/poll-states/occurred-at.ts'
import type { ResultsOptions } from '../queries/results.ts'
import type { WebContext } from './context.ts'

/** A moment of the past: a time, a position, or both. */
export type Moment = Pick<ResultsOptions, 'asOf' | 'position'>

/** One submission as it stood at a moment; as it stands without one. @throws {Problem} as `loadSubmission` */
export const submissionAt = (
  { readersLog }: Pick<WebContext, 'readersLog'>,
  submission: string,
  moment: Moment | undefined,
) =>
  moment
    ? loadSubmissionThen(readersLog, submission, isWithin(moment))
    : loadSubmission(readersLog, submission)

const isWithin =
  ({ asOf, position }: Moment) =>
  (event: RecordedEvent): boolean =>
    (position === undefined || event.position <= position) &&
    (asOf === undefined || occurredAtOf(event) <= asOf)
