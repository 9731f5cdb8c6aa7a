import type { DetailedTrends, Trends } from './trends.ts'
import { trendsView } from './trends-view.ts'

const detail = ['median', 'p10', 'p25', 'p75', 'p90', 'stddev', 'zeros', 'truthful', 'disagreement'] as const

/**
 * One line for each bucket (RFC 4180); shares in basis points. Cells are numbers, times and `true` or `false`, titles
 * begin with a letter or a category's id: nothing in it that a spreadsheet would run, nothing that needs quoting.
 */
export function trendsCsv(trends: Trends | DetailedTrends): string {
  const { categories, buckets } = trendsView(trends)
  const perCategory = ['sum', 'mean', ...('statistics' in trends ? detail : [])]
  const titles = [
    ...['start', 'end', 'start_utc', 'end_utc', 'complete', 'counted', 'excluded', 'withdrawn'],
    ...categories.flatMap(({ id }) => perCategory.map((title) => `${id}_${title}`)),
  ]
  const lines = buckets.map((bucket) => {
    const { start, end, startUtc, endUtc, complete, counted, excluded, withdrawn, sums, means, statistics } =
      bucket
    const values = sums.flatMap((sum, index) => [
      sum,
      means[index],
      ...(statistics ? detail.map((name) => statistics[index]![name]) : []),
    ])
    return [start, end, startUtc, endUtc, complete, counted, excluded, withdrawn, ...values].join(',')
  })
  return `${[titles.join(','), ...lines].join('\r\n')}\r\n`
}
