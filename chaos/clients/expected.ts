/** The results as they follow from what was acknowledged, added up here by hand: nothing of the program's own fold. */
import type { OwnSubmission } from './ledger.ts'

export interface Expected {
  readonly submissions: { readonly counted: number; readonly excluded: number; readonly withdrawn: number }
  /** Of each category: what it was given together, and by how many each value was given, ascending. */
  readonly categories: readonly {
    readonly id: string
    readonly sum: number
    readonly histogram: readonly (readonly [number, number])[]
  }[]
}

type Counted = Pick<OwnSubmission, 'status' | 'allocation'>

export function expectedResults(submissions: readonly Counted[], categories: readonly string[]): Expected {
  const counted = submissions.filter(({ status }) => status === 'counted')
  return {
    submissions: { counted: counted.length, excluded: 0, withdrawn: submissions.length - counted.length },
    categories: categories.map((id) => {
      const values = counted.map(({ allocation }) => allocation[id] ?? 0)
      const histogram = new Map<number, number>()
      for (const value of values) histogram.set(value, (histogram.get(value) ?? 0) + 1)
      return {
        id,
        sum: values.reduce((sum, value) => sum + value, 0),
        histogram: [...histogram].sort(([a], [b]) => a - b),
      }
    }),
  }
}
