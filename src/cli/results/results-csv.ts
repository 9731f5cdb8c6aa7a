import { type ResultsView, statistics } from '../../queries/results-view.ts'
import { toCsv } from '../csv.ts'

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
