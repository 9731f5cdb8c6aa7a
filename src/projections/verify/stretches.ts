import { type Month, startOfMonth } from '../periods/month.ts'
import type { PeriodStore } from '../periods/period-store.ts'
import type { Stretch } from './compare-with-replay.ts'

/** So many rows of periods are held in memory at a time, and as many that a replay gives: some 100 MB. */
const ROWS_AT_ONCE = 100_000

/** All of time in stretches of months, each of no more rows than fit into memory; a month is never parted. */
export async function stretchesOf(
  periods: Pick<PeriodStore, 'rowsOfMonths' | 'everything'>,
  { wanted, signal, rowsAtOnce = ROWS_AT_ONCE }: StretchesOptions,
): Promise<Stretch[]> {
  const bounds = boundsOf(await periods.rowsOfMonths(wanted), rowsAtOnce)
  return bounds.slice(1).map((to, index) => {
    const time = { from: bounds[index]!, to }
    return { ...time, read: () => periods.everything({ wanted, time, signal }) }
  })
}

interface StretchesOptions {
  /** The version; the live one if left out. */
  readonly wanted?: number | undefined
  readonly signal?: AbortSignal
  readonly rowsAtOnce?: number
}

function boundsOf(
  months: readonly { readonly month: Month; readonly rows: number }[],
  most: number,
): number[] {
  const bounds = [Number.NEGATIVE_INFINITY]
  let rows = 0
  for (const each of months) {
    if (rows > 0 && rows + each.rows > most) {
      bounds.push(startOfMonth(each.month))
      rows = 0
    }
    rows += each.rows
  }
  return [...bounds, Number.POSITIVE_INFINITY]
}
