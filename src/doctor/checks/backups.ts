import type { LastBackups } from '../backups.ts'
import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { duration, failed, fine, warning } from '../words.ts'

const DAY = 86_400
/** Seconds: who makes one every week may be a day late. */
const LIMITS = { warnAt: 8 * DAY, failAt: 32 * DAY }
const HOW = 'Make one with `taxbudget backup FILE`, and prove it with `taxbudget backup verify FILE`.'

/** When a backup was last proved to give back what it was made of. */
export const backupsCheck = (last: () => Promise<LastBackups>, now = () => new Date()): Check => ({
  name: 'backup',
  routine: 'always',
  look: async () => {
    const { made, verified, failure } = await last()
    return [verifiedResult(made, verified, now()), ...(failure ? [failureResult(failure)] : [])]
  },
})

function verifiedResult(made: Date | undefined, verified: Date | undefined, now: Date): CheckResult {
  const told = { name: 'backup: last verified', expected: 'within the last 8 days' }
  const age = (at: Date) => (now.getTime() - at.getTime()) / 1000
  if (!verified) {
    const actual = made ? `never; one was made ${duration(age(made))} ago` : 'never'
    return warning({ ...told, actual }, HOW)
  }
  const actual = `made ${duration(age(verified))} ago, and verified`
  if (age(verified) >= LIMITS.failAt) return failed({ ...told, actual }, HOW)
  return age(verified) >= LIMITS.warnAt ? warning({ ...told, actual }, HOW) : fine({ ...told, actual })
}

const failureResult = ({ file, error }: { file: string; error: string }): CheckResult =>
  failed(
    { name: 'backup: last verification', expected: 'gives the same results', actual: `${file}: ${error}` },
    'Do not rely on this file. Make another one and verify it.',
  )
