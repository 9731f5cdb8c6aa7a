import { formatFor } from '../format.ts'
import { link, rich, strong, time } from '../rich.ts'

const { dateTime } = formatFor('en')

/** Moments of the past: on the pages of results and of a submission. */
export const moment = {
  another: 'Another moment',
  resultsThen: 'The collective budget as it stood at this time, in UTC',
  yoursThen: 'Your split as it stood at this time, in UTC',
  oneThen: 'This split as it stood at this time, in UTC',
  show: 'Show it',
  backToNow: 'Back to now',
  permanent: 'Permanent link: it always shows these very numbers',
  past: 'This is the past',
  asOfTime: (instant: string, now: string) =>
    rich`It shows how things stood on ${strong([time(dateTime(instant), instant)])}. ${link('Back to now', now)}`,
  asOfPosition: (position: string, instant: string, now: string) =>
    rich`It shows how things stood at position ${strong(position)} of the record, on ${time(dateTime(instant), instant)}. ${link('Back to now', now)}`,
  future: 'That moment is yet to come.',
  before1970: 'That is before 1970, and before any of this.',
  notATime: 'Write the moment as day and time, like 2026-11-23T10:00.',
  notAPosition: 'A position is a whole number.',
}
