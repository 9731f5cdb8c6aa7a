/** A period as it stands in the table `period_aggregates`. */
import { z } from 'zod'
import { emptyCategory, type MutableCategoryAggregate, tally } from '../category-aggregate.ts'
import type { PeriodKind } from '../period-aggregate.ts'
import { type Period, type PeriodPart, UNTOUCHED } from './period.ts'

/** Which kinds a row stands for. */
export type StoredKind = PeriodKind | 'both'

/** The columns that `rowOf` fills, with the types as which they are sent. */
export const COLUMNS = [
  ['poll', 'text'],
  ['seconds', 'int8'],
  ['kind', 'text'],
  ['position', 'int8'],
  ['counted', 'int8'],
  ['excluded', 'int8'],
  ['withdrawn', 'int8'],
  ['sums', 'text'],
  ['sum_squares', 'text'],
  ['histograms', 'text'],
] as const

/** One row if both kinds are the same, else one for each that anything has changed. */
export function rowsOf(poll: string, { start, cast, change }: Period): (string | number | bigint)[][] {
  const row = (kind: StoredKind, { position, counted, excluded, withdrawn, categories }: PeriodPart) => [
    poll,
    start / 1000,
    kind,
    position,
    counted,
    excluded,
    withdrawn,
    `{${categories.map(({ sum }) => sum)}}`,
    `{${categories.map(({ sumSquares }) => sumSquares)}}`,
    histogramsOf(categories),
  ]
  if (cast === change) return [row('both', cast)]
  const rows = []
  if (cast.position > UNTOUCHED) rows.push(row('cast', cast))
  if (change.position > UNTOUCHED) rows.push(row('change', change))
  return rows
}

/** JSON. */
export function histogramsOf(categories: PeriodPart['categories']): string {
  return JSON.stringify(
    categories.map(({ histogram }) => [...histogram].sort(([one], [other]) => one - other)),
  )
}

/** The reverse; sums and counts are those of the histograms. */
export function categoriesOf(histograms: string): MutableCategoryAggregate[] {
  const parsed = JSON.parse(histograms) as (readonly [value: number, times: number])[][]
  return parsed.map((pairs) => {
    const category = emptyCategory()
    for (const [value, times] of pairs) tally(category, value, times)
    return category
  })
}

const integer = z.coerce.number().int()

/** A row as it is loaded to be changed. */
export const PeriodRow = z.object({
  poll: z.string(),
  seconds: integer,
  kind: z.enum(['cast', 'change', 'both']),
  position: z.coerce.bigint(),
  counted: integer,
  excluded: integer,
  withdrawn: integer,
  histograms: z.string(),
})

/** The part that a row holds. */
export function partOf({
  histograms,
  ...row
}: Omit<z.infer<typeof PeriodRow>, 'poll' | 'seconds' | 'kind'>): PeriodPart {
  const { position, counted, excluded, withdrawn } = row
  return { position, counted, excluded, withdrawn, categories: categoriesOf(histograms) }
}
