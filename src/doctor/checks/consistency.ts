import type { VerifiedPoll } from '../../projections/verify/compare-with-replay.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { count, failed, fine, number } from '../words.ts'

/** A replay takes as long as the log is. */
const DEADLINE_MS = 1_800_000
const SHOWN = 3

/** Compares what is served with a replay of the whole log. */
export const consistencyCheck = (
  verify: (signal: AbortSignal) => Promise<readonly VerifiedPoll[]>,
): Check => ({
  name: 'consistency',
  routine: 'weekly',
  deadlineMs: DEADLINE_MS,
  look: async (signal) => {
    const polls = await verify(signal)
    const none = fine({ name: 'consistency', expected: 'the same as a replay', actual: 'there are no polls' })
    return polls.length === 0 ? none : polls.map(pollResult)
  },
})

function pollResult({ poll, counted, differences }: VerifiedPoll): CheckResult {
  const told = { name: `consistency: ${poll}`, expected: 'the same as a replay' }
  if (differences.length === 0) return fine({ ...told, actual: `the same, ${number(counted)} counted` })
  const some = differences
    .slice(0, SHOWN)
    .map(({ what, expected, actual }) => `${what}: ${actual}, not ${expected}`)
  const actual = `${count(differences.length, 'difference')}: ${some.join('; ')}`
  return failed(
    { ...told, actual },
    `\`taxbudget projections verify ${poll}\` has them all; \`taxbudget projections rebuild\` makes it anew from the log.`,
  )
}
