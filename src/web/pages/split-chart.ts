/** Geometry of the chart of less, same and more. The drawing itself is in `views/partials/split.ejs`. */
import type { Split } from '../../queries/distribution.ts'
import { roundToWhole } from '../../queries/round-to-whole.ts'

interface SplitInput {
  /** Category. */
  readonly id: string
  readonly label: string
  /** What is written at the end of the row's first line. */
  readonly text: string
  readonly split: Split
}

interface SplitPart {
  readonly name: keyof Split
  readonly x: string
  readonly width: string
  readonly count: number
  /** Part of all in whole percents, basis points: those of a row sum to 100 %. */
  readonly percent: number
}

export interface SplitChart {
  readonly height: number
  readonly rows: readonly (Omit<SplitInput, 'split'> & {
    readonly y: number
    readonly parts: readonly SplitPart[]
  })[]
}

const ROW = 66

/** One bar of full width a row, divided into who gives less, the same, and more. */
export const splitChart = (rows: readonly SplitInput[]): SplitChart => ({
  height: rows.length * ROW - 10,
  rows: rows.map(({ split, ...row }, index) => ({ ...row, y: index * ROW, parts: partsOf(split) })),
})

function partsOf({ less, same, more }: Split): SplitPart[] {
  const counts = [less, same, more]
  const percents = roundToWhole(counts, 100)
  const all = less + same + more
  const place = (count: number): string => `${((count / all) * 100).toFixed(2)}%`
  return (['less', 'same', 'more'] as const).map((name, i) => ({
    ...{ name, count: counts[i]!, percent: percents[i]! * 100 },
    x: place(counts.slice(0, i).reduce((sum, count) => sum + count, 0)),
    width: place(counts[i]!),
  }))
}
