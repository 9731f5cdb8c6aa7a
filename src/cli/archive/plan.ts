import type { MonthOfLog } from '../../events/log-archive.ts'
import { Misuse } from '../exit-codes.ts'

/** What is to be done with a month, or why nothing is. */
export interface PlannedMonth extends MonthOfLog {
  readonly events: number
  readonly toArchive: boolean
  readonly toDrop: boolean
  /** Why it has to stay as it is. */
  readonly obstacle: string | undefined
}

export interface Wishes {
  /** Only this month, `2026-10`. */
  readonly month: string | undefined
  /** Only months before this one. */
  readonly before: string | undefined
  readonly drop: boolean
}

/** How far the read model is that is furthest behind. */
export interface SlowestProjection {
  readonly name: string
  readonly position: bigint
}

/**
 * What would be done.
 * @throws {Misuse} a month that is none, or that the log has not
 */
export function planArchive(
  months: readonly MonthOfLog[],
  slowest: SlowestProjection | undefined,
  wishes: Wishes,
): PlannedMonth[] {
  for (const month of [wishes.month, wishes.before])
    if (month !== undefined && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
      throw new Misuse(`${month} is not a month: write it as 2026-10.`)
  if (wishes.month !== undefined && wishes.before !== undefined)
    throw new Misuse('Say --month or --before, not both.')
  const chosen = months.filter(
    ({ month }) =>
      (wishes.month ?? month) === month && (wishes.before === undefined || month < wishes.before),
  )
  if (wishes.month !== undefined && chosen.length === 0)
    throw new Misuse(`The log has no events of ${wishes.month}.`)
  return chosen.map((month) => plan(month, slowest, wishes.drop))
}

function plan(month: MonthOfLog, slowest: SlowestProjection | undefined, drop: boolean): PlannedMonth {
  const events = Number(month.until - month.first) + 1
  const obstacle = obstacleOf(month, events, slowest)
  const free = obstacle === undefined && !month.dropped
  return { ...month, events, obstacle, toArchive: free && !month.archive, toDrop: free && drop }
}

function obstacleOf(
  { over, until, dropped }: MonthOfLog,
  events: number,
  slowest: SlowestProjection | undefined,
): string | undefined {
  if (dropped) return undefined
  if (!over) return 'it is not over'
  if (events === 0) return 'nothing happened in it'
  if (slowest && slowest.position < until)
    return `${slowest.name} is only at position ${slowest.position}: it has not seen all of it yet`
  return undefined
}
