import type { Position } from '../../events/event-log.ts'
import {
  type CategoryAggregate,
  emptyCategory,
  type MutableCategoryAggregate,
  tally,
} from '../category-aggregate.ts'

/** What the rows of one poll add up to: the part of its aggregate that can be told from rows. */
export interface RowsAggregate {
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  /** In the order of the poll's categories. */
  readonly categories: readonly CategoryAggregate[]
}

/** Runs a statement. */
type Query = (text: string, values: readonly unknown[]) => Promise<Record<string, string>[]>

const standingAt = 'version = $1 and from_position <= $2 and (to_position is null or to_position > $2)'

const HISTOGRAMS = `
  select poll, ordinal, share, count(*)
    from submission_rows
   cross join lateral unnest(shares) with ordinality as s (share, ordinal)
   where ${standingAt}
   group by poll, ordinal, share`

/** A row begins by submitting, revising or reinstating, so those that are still excluded follow from the numbers. */
const COUNTS = `
  select poll,
         count(*) filter (where ${standingAt}) as counted,
         count(*) filter (where to_position <= $2 and ending = 'withdrawn') as withdrawn,
         count(*) filter (where to_position <= $2 and ending in ('excluded', 'revised'))
           - (count(*) - count(distinct submission)) as excluded
    from submission_rows
   where version = $1 and from_position <= $2
   group by poll`

/** What the rows that counted at `position` add up to, by poll; a poll without rows is missing. O(rows). */
export async function aggregateRows(
  query: Query,
  version: number,
  position: Position,
): Promise<Map<string, RowsAggregate>> {
  const aggregates = new Map<string, RowsAggregate & { readonly categories: MutableCategoryAggregate[] }>()
  for (const { poll, counted, excluded, withdrawn } of await query(COUNTS, [version, position]))
    aggregates.set(poll!, {
      counted: Number(counted),
      excluded: Number(excluded),
      withdrawn: Number(withdrawn),
      categories: [],
    })
  for (const { poll, ordinal, share, count } of await query(HISTOGRAMS, [version, position])) {
    const { categories } = aggregates.get(poll!)!
    while (categories.length < Number(ordinal)) categories.push(emptyCategory())
    tally(categories[Number(ordinal) - 1]!, Number(share), Number(count))
  }
  return aggregates
}
