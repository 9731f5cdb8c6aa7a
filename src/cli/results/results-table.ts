import type { PollDefinition } from '../../events/poll-events.ts'
import type { ResultsView } from '../../queries/results-view.ts'
import { roundToWhole } from '../../queries/round-to-whole.ts'
import { group } from '../progress.ts'
import { type Column, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

const right = (title: string): Column => ({ title, align: 'right' })

/** For people: shares in percent; means, truthful shares and budgets are rounded so that they sum to 100. */
export function resultsTable(
  view: ResultsView,
  definition: PollDefinition,
  style: Terminal['style'],
): string {
  const { categories, submissions } = view
  const baseline = definition.baselines[0]
  const means = whole(categories.map(({ sum }) => sum))
  const truthful = whole(categories.map((category) => category.truthful ?? 0))
  const columns: Column[] = [
    { title: 'percent' },
    ...['mean', 'truthful', 'median', 'p10', 'p25', 'p75', 'p90', 'stddev', 'zeros'].map(right),
    ...(baseline ? [right(baseline.id)] : []),
  ]
  const rows = categories.map((category, index) => [
    category.label,
    submissions.counted === 0 ? '–' : means[index]!,
    submissions.counted === 0 ? '–' : truthful[index]!,
    ...[category.median, category.p10, category.p25, category.p75, category.p90, category.stddev].map(
      percent,
    ),
    group(category.zeros),
    ...(baseline ? [percent(baseline.shares[category.id]!)] : []),
  ])
  return [
    style('bold', definition.title),
    counts(view),
    '',
    table(columns, rows, (text) => style('bold', text)),
  ].join('\n')
}

function counts({ submissions, tier, position, asOf, parked }: ResultsView): string {
  const { counted, excluded, withdrawn } = submissions
  return [
    `${group(counted)} counted`,
    `${group(excluded)} excluded`,
    `${group(withdrawn)} withdrawn`,
    ...(parked > 0 ? [`${group(parked)} events parked`] : []),
    `as of ${asOf}`,
    `position ${position}`,
    `from the ${tier}`,
    'an open poll, not a sample',
  ].join(' · ')
}

const whole = (shares: readonly number[]): string[] =>
  roundToWhole(shares, 100, { decimals: 1 }).map((share) => share.toFixed(1))

const percent = (basisPoints: number | null): string =>
  basisPoints === null ? '–' : (basisPoints / 100).toFixed(1)
