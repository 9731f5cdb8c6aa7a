import type { Trends } from '../../queries/trends.ts'
import { meansOf, rowOf } from '../../queries/trends-view.ts'
import { group } from '../progress.ts'
import { type Column, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

/** For people: each category's mean in percent, one line for each bucket. */
export function trendsTable(trends: Trends, style: Terminal['style']): string {
  const { definition, calendar, complete } = trends
  const columns: Column[] = [
    { title: trends.bucket },
    ...['counted', ...definition.categories.map(({ id }) => id)].map(
      (title): Column => ({ title, align: 'right' }),
    ),
  ]
  const rows = calendar.local.slice(0, -1).map((start, row) => {
    const { counts, sums } = rowOf(trends, row)
    const means = meansOf(sums, counts.counted)
    return [
      `${nameOf(trends, start)}${row < complete ? '' : ' …'}`,
      group(counts.counted),
      ...means.map((mean) => (mean === null ? '–' : (mean / 100).toFixed(1))),
    ]
  })
  return [
    style('bold', definition.title),
    summary(trends),
    '',
    table(columns, rows, (text) => style('bold', text)),
  ].join('\n')
}

/** A bucket as short as can be told apart: `2026-11`, `2026-11-23`, `2026-11-23 14:00-05:00`. */
function nameOf({ bucket }: Trends, start: string): string {
  if (bucket === 'month') return start.slice(0, 7)
  return bucket === 'hour'
    ? `${start.slice(0, 10)} ${start.slice(11, 16)}${start.slice(19)}`
    : start.slice(0, 10)
}

const summary = ({ view, zone, position, tier }: Trends): string =>
  [
    view === 'period'
      ? 'percent wanted by those who took part in each'
      : 'percent wanted by all until the end of each',
    zone,
    `position ${position}`,
    `from the ${tier}`,
    '… is not over',
    'an open poll, not a sample',
  ].join(' · ')
