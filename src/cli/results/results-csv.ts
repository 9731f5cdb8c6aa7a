import type { ResultsView } from '../../queries/results-view.ts'
import { toCsv } from '../csv.ts'

const statistics = [
  'sum',
  'mean',
  'median',
  'p10',
  'p25',
  'p75',
  'p90',
  'stddev',
  'zeros',
  'truthful',
] as const

/** One line for each category; shares in basis points. */
export const resultsCsv = ({ categories }: ResultsView): string =>
  toCsv([
    ['id', 'label', ...statistics],
    ...categories.map((category) => [
      category.id,
      category.label,
      ...statistics.map((statistic) => category[statistic]),
    ]),
  ])
