import { type ResultsView, statistics } from '../../queries/results-view.ts'

/** A number that the file does not give as it was published. */
export interface Difference {
  readonly what: string
  readonly published: string
  readonly recounted: string
}

type CategoryView = ResultsView['categories'][number]

/** What was compared, and what differs. */
export interface Comparison {
  readonly numbers: number
  readonly differences: readonly Difference[]
}

/** Holds every number that a file can give against the published one. */
export function compareResults(published: ResultsView, recounted: ResultsView): Comparison {
  const differences: Difference[] = []
  let numbers = 0
  const compare = (what: string, one: Shown, other: Shown) => {
    numbers++
    if (one !== other) differences.push({ what, published: show(one), recounted: show(other) })
  }
  compare('submissions counted', published.submissions.counted, recounted.submissions.counted)
  compare('truthful t', published.truthful.t, recounted.truthful.t)
  compare('disagreement', published.disagreement.share, recounted.disagreement.share)
  const found = new Map(recounted.categories.map((category) => [category.id, category]))
  for (const category of published.categories) {
    const other =
      found.get(category.id) ?? (recounted.submissions.counted === 0 ? empty(category) : undefined)
    found.delete(category.id)
    if (!other) compare(category.id, 'a category', 'missing')
    else compareCategory(category, other, compare)
  }
  for (const id of found.keys()) compare(id, 'missing', 'a category')
  return { numbers, differences }
}

type Shown = string | number | null | undefined
type Compare = (what: string, published: Shown, recounted: Shown) => void

function compareCategory(published: CategoryView, recounted: CategoryView, compare: Compare): void {
  for (const name of statistics) compare(`${published.id} ${name}`, published[name], recounted[name])
  const [one, other] = [new Map(published.histogram), new Map(recounted.histogram)]
  for (const value of new Set([...one.keys(), ...other.keys()]))
    compare(`${published.id} submissions that give ${value}`, one.get(value) ?? 0, other.get(value) ?? 0)
}

/** A file without rows need not name its categories. */
const empty = (category: CategoryView): CategoryView => ({
  ...category,
  sum: 0,
  mean: null,
  median: null,
  p10: null,
  p25: null,
  p75: null,
  p90: null,
  stddev: null,
  zeros: 0,
  truthful: null,
  disagreement: null,
  histogram: [],
})

const show = (value: Shown): string => (value === null || value === undefined ? '–' : String(value))
