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
  /** How much lower the bars begin, in pixels: what stands at the end of the first lines has a line of its own. */
  readonly lower: number
  readonly rows: readonly (Omit<SplitInput, 'split'> & {
    readonly y: number
    readonly parts: readonly SplitPart[]
  })[]
}

const ROW = 66
const LINE = 19
/** What a line holds at the narrowest, on a phone 320 px wide, and what letters take of it, bold and small, in pixels. */
const NARROWEST = 288
const [BOLD, SMALL] = [8, 6.75]

/** One bar of full width a row, divided into who gives less, the same, and more. */
export function splitChart(rows: readonly SplitInput[]): SplitChart {
  const lower = rows.some(isLong) ? LINE : 0
  const pitch = ROW + lower
  return {
    height: rows.length * pitch - 10,
    lower,
    rows: rows.map(({ split, ...row }, index) => ({ ...row, y: index * pitch, parts: partsOf(split) })),
  }
}

const isLong = ({ label, text }: SplitInput): boolean => label.length * BOLD + text.length * SMALL > NARROWEST

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
