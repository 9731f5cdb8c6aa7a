import type { ResultsView } from '../../queries/results-view.ts'
import { group } from '../progress.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { Difference } from './compare-results.ts'

/** So many differences are shown; --json has them all. */
const SHOWN = 30

const right = (title: string) => ({ title, align: 'right' }) as const

/** Published and recounted side by side: the headline numbers of each category, in percent. */
export function recountTable(
  published: ResultsView,
  recounted: ResultsView,
  style: Terminal['style'],
): string {
  const found = new Map(recounted.categories.map((category) => [category.id, category]))
  const rows = published.categories.map((one) => {
    const other = found.get(one.id)
    const pair = (name: 'mean' | 'median' | 'truthful') => [percent(one[name]), percent(other?.[name])]
    return [one.id, ...pair('mean'), ...pair('median'), ...pair('truthful')]
  })
  const counted = [published, recounted].map(({ submissions }) => group(submissions.counted))
  const columns = ['mean', 'median', 'truthful'].flatMap((name) => [right(name), right('recounted')])
  return [
    `${counted[0]} counted, ${counted[1]} recounted`,
    '',
    table([{ title: 'percent' }, ...columns], rows, (text) => style('bold', text)),
  ].join('\n')
}

/** The first differences, number by number. */
export function differencesTable(differences: readonly Difference[], style: Terminal['style']): string {
  const rows = differences
    .slice(0, SHOWN)
    .map(({ what, published, recounted }) => [what, published, recounted])
  const more = differences.length - rows.length
  return [
    table([{ title: 'different' }, right('published'), right('recounted')], rows, (text) =>
      style('bold', text),
    ),
    ...(more > 0 ? [`… and ${group(more)} more (--json has them all)`] : []),
  ].join('\n')
}

const percent = (basisPoints: number | null | undefined): string =>
  basisPoints === null || basisPoints === undefined ? '–' : (basisPoints / 100).toFixed(2)
