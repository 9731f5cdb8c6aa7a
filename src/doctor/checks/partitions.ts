import type { CheckResult } from '../check.ts'
import type { Check } from '../doctor.ts'
import { count, fine, warning } from '../words.ts'

export interface PartitionsOptions {
  /** Months after this one that can be written into already. */
  readonly periodMonthsAhead: () => Promise<number>
  /** Undefined: the log is not in PostgreSQL. */
  readonly logMonthsAhead: (() => Promise<number>) | undefined
}

/** Tables of months to come: where one is missing, the first event of that month waits for it to be made. */
export const partitionsCheck = ({ periodMonthsAhead, logMonthsAhead }: PartitionsOptions): Check => ({
  name: 'partitions',
  routine: 'always',
  look: async () => {
    const periods = ahead(
      'periods',
      await periodMonthsAhead(),
      'The active projector makes them: see whether there is one.',
    )
    if (!logMonthsAhead) return periods
    const advice =
      'The next append makes it. If it stays so while people submit, the log of PostgreSQL says why.'
    return [periods, ahead('event log', await logMonthsAhead(), advice)]
  },
})

function ahead(of: string, months: number, advice: string): CheckResult {
  const told = {
    name: `partitions: ${of}`,
    expected: 'at least 1 month ahead',
    actual: `${count(months, 'month')} ahead`,
  }
  return months > 0 ? fine(told) : warning(told, advice)
}
