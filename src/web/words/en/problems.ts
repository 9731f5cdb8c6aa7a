import type { ProblemCode } from '../../../errors.ts'
import { formatFor } from '../format.ts'

const { dateTime } = formatFor('en')

interface ProblemWords {
  /** The page's heading: the general sentence. */
  readonly title: string
  /** What people can do about it. */
  readonly advice?: string
}

const again = 'Please try again in a moment.'

/** Every refusal, for people. The table in `errors.ts` speaks to programs. */
const pages: Readonly<Record<ProblemCode, ProblemWords>> = {
  MALFORMED_REQUEST: { title: 'The request could not be read' },
  NOT_AN_OPERATOR: { title: 'This needs an operator token' },
  WRONG_RECEIPT: {
    title: 'The receipt does not belong to this submission',
    advice: 'Only who holds the receipt can change a submission. Enter it on the submission’s page.',
  },
  NOT_FOUND: {
    title: 'There is nothing at this address',
    advice: 'The address may be mistyped, or the page may have moved.',
  },
  POLL_NOT_FOUND: { title: 'There is no such poll' },
  SUBMISSION_NOT_FOUND: {
    title: 'There is no such submission',
    advice: 'If you have only just submitted, wait a moment and load this page again.',
  },
  PROJECTION_NOT_FOUND: { title: 'There is no such projection' },
  PARKED_EVENT_NOT_FOUND: { title: 'No such event waits for an operator' },
  POSITION_NOT_FOUND: { title: 'The record has not come that far' },
  METHOD_NOT_ALLOWED: { title: 'This address does not take that method' },
  NOT_ACCEPTABLE: { title: 'There is none of the formats that you accept' },
  POLL_CLOSED: { title: 'The poll is closed', advice: 'It takes no more submissions, but its results stay.' },
  POLL_OPEN: { title: 'The poll is open already' },
  POLL_EXISTS: { title: 'There is a poll of this name with other contents' },
  SUBMISSION_WITHDRAWN: { title: 'The submission has been withdrawn' },
  SUBMISSION_EXCLUDED: { title: 'The submission has been set aside by an operator' },
  SUBMISSION_CHANGED: { title: 'The submission was changed many times at once', advice: again },
  BUILD_EXISTS: { title: 'This projection is being rebuilt already' },
  NO_BUILD: { title: 'This projection is not being rebuilt' },
  BUILD_NOT_READY: { title: 'The new version is not ready yet' },
  NO_ROLLBACK: { title: 'There is no earlier version to go back to' },
  STALE_PAGE: { title: 'Something has changed since this page was shown', advice: 'Please load it again.' },
  BODY_TOO_LARGE: {
    title: 'The request is too large',
    advice: 'What was sent is far larger than this form can be.',
  },
  UNSUPPORTED_MEDIA_TYPE: { title: 'This page takes only what its own form sends' },
  INVALID_ALLOCATION: { title: 'The split does not add up' },
  INVALID_REQUEST: { title: 'This cannot be shown' },
  IDEMPOTENCY_KEY_REUSED: { title: 'This form has been sent with other shares already' },
  TOO_MANY_REQUESTS: { title: 'Too many requests', advice: 'Please wait a little and try again.' },
  INTERNAL_ERROR: { title: 'Something went wrong on our side', advice: again },
  EVENT_LOG_UNAVAILABLE: {
    title: 'The record of submissions cannot be reached at the moment',
    advice: 'The results can still be read meanwhile.',
  },
  RESULTS_UNAVAILABLE: {
    title: 'The results cannot be read at the moment',
    advice: 'Nothing is lost, and submissions are still taken. Please try again in a moment.',
  },
  SUBMISSIONS_UNAVAILABLE: { title: 'The submissions cannot be read at the moment', advice: again },
  EXPORT_BUSY: { title: 'Too many exports are under way at the moment', advice: again },
  REPLAY_BUSY: { title: 'Too much history is being recomputed at the moment', advice: again },
}

export const problems = {
  pages,
  /** With what is known of the very case: `facts` of a Problem. */
  newestPosition: (position: string) => `The newest position is ${position}.`,
  notYet: 'It did not exist yet at that moment.',
  castLater: (instant: string, position: string) =>
    `It had not been submitted yet: it was first cast on ${dateTime(instant)}, position ${position}.`,
  noSuchNumber: 'Check the link: no submission has this number.',
  reportNumber: (number: string) =>
    `Nothing is wrong with your request. If this happens again, report it with the number ${number}.`,
  countsOnce:
    'Nothing that was acknowledged is lost. Please try again in a moment: the same again counts once.',
  /** What pages themselves refuse. */
  notYours: (submission: string) => `This browser does not hold the receipt of submission ${submission}.`,
  changedMeanwhile:
    'It has been changed since this page was shown, in another tab say. Please go back and look again.',
  closedStays: 'Submissions to a closed poll stay as they are.',
  otherSite: 'It came from a page of another site. Please use the form here.',
  kept: 'What you entered is kept on this page.',
  sendAgain: 'Send it again',
}
