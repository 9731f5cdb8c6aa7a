import type { ExclusionFilter } from '../../../commands/exclusions.ts'
import { count, dateTime, plural } from '../format.ts'
import { vias } from '../words.ts'

/** Which submissions a filter means, one thing a line. */
export function filterWords({ submissions, from, to, via, repeated }: ExclusionFilter): string[] {
  if (submissions) return [`${plural(submissions.length, 'submission')} named by id`]
  const lines = [
    from && `first sent at or after ${dateTime(from)}`,
    to && `first sent before ${dateTime(to)}`,
    via && `sent by ${vias[via]}`,
    repeated &&
      `the same split more than ${count(repeated.times)} times within ${plural(repeated.minutes, 'minute')}`,
  ]
  return lines.filter((line) => line !== undefined)
}
