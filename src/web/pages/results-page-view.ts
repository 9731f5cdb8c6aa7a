import type { PollDefinition } from '../../events/poll-events.ts'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import type { BlocEffect, BlocSize } from '../../queries/bloc.ts'
import { splitAtBaseline } from '../../queries/comparison.ts'
import type { Split } from '../../queries/distribution.ts'
import type { Answer, Tier } from '../../queries/results.ts'
import { type CategoryStatistics, pollStatistics } from '../../queries/statistics.ts'
import type { Locale } from '../locale.ts'
import { download, type Piece } from '../words/rich.ts'
import { type BlocView, blocView } from './bloc-view.ts'
import { type BarChart, barChart } from './charts.ts'
import { type HistogramChart, histogramChart } from './histogram-chart.ts'
import { downloadLinks } from './links.ts'
import type { LivePart } from './live-part.ts'
import type { MomentView } from './moment-form.ts'
import type { PollPage } from './poll-page.ts'
import type { ShareBlock } from './sharing/share-block.ts'
import { type SplitChart, splitChart } from './split-chart.ts'
import { roundedShares } from './submission-view.ts'

export interface CategoryView {
  readonly id: string
  readonly label: string
  readonly colour: string
  /** Rounded so that the column sums to 100 %, like `truthful`. */
  readonly mean: number
  readonly truthful: number
  readonly statistics: CategoryStatistics
  /** By how much two submissions differ here, basis points; null with fewer than two. */
  readonly disagreement: number | null
  readonly baselines: readonly number[]
  readonly split: Split | undefined
  readonly histogram: HistogramChart
}

/** How far apart people are. */
interface ApartView {
  /** Part of the money, 0 to 1. */
  readonly share: number
  /** Where they differ most, and least. */
  readonly most: CategoryView
  readonly least: CategoryView
}

/** The collective budget of a poll at one position. */
export interface ResultsPageView {
  readonly pollTitle: string
  readonly pollOpen: boolean
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  readonly parked: number
  readonly baselines: PollDefinition['baselines']
  /** Empty while nobody is counted. */
  readonly categories: readonly CategoryView[]
  readonly chart: BarChart
  /** Who wants more than the first baseline, the same, and less; undefined without a baseline. */
  readonly splits: SplitChart | undefined
  /** Undefined with fewer than two submissions. */
  readonly apart: ApartView | undefined
  readonly bloc: BlocView
  /** The rows behind these numbers. */
  readonly downloads: readonly Piece[]
  readonly tier: Tier
  readonly position: string
  readonly asOf: string
  readonly moment: MomentView
  /** Of the results of now. */
  readonly share: ShareBlock | undefined
  readonly live: LivePart | undefined
}

interface Shown {
  readonly moment: MomentView
  /** For the results of now, like `live`. */
  readonly share: ShareBlock | undefined
  readonly live: LivePart | undefined
  readonly bloc: BlocSize
  /** Of a bloc of this size, in the order of the poll's categories; none while nobody is counted. */
  readonly effects: readonly BlocEffect[]
}

/** Presents an answer for the collective page. @param page the poll in the person's language */
export function resultsPageView(
  { aggregate, tier }: Answer,
  page: PollPage,
  { moment, bloc, effects, share, live }: Shown,
): ResultsPageView {
  const { counted, excluded, withdrawn, parked } = aggregate
  const { definition, locale } = page
  const categories = counted === 0 ? [] : categoriesOf(aggregate, page)
  const position = aggregate.position.toString()
  return {
    pollTitle: definition.title,
    pollOpen: aggregate.status === 'open',
    ...{ counted, excluded, withdrawn, parked, tier, categories },
    baselines: definition.baselines,
    chart: collectiveChart(categories, locale),
    splits: splitsOf(categories, locale),
    apart: apartOf(aggregate, categories),
    bloc: blocView({ size: bloc, effects, categories, moment, locale }),
    downloads: downloadLinks(definition.poll, position).map(({ name, href }) => download(name, href)),
    ...{ position, asOf: aggregate.asOf, moment, share, live },
  }
}

function categoriesOf(aggregate: PollAggregate, { definition, locale }: PollPage): CategoryView[] {
  const { categories, baselines } = definition
  const { categories: statistics, truthful, disagreement } = pollStatistics(aggregate)
  const means = roundedShares(statistics.map(({ sum }) => sum))
  const truthfulShares = roundedShares(truthful?.shares ?? [])
  const splits = baselines[0] && splitAtBaseline(aggregate, baselines[0])
  return categories.map(({ id, label, colour }, index) => {
    const { histogram } = aggregate.categories[index]!
    const shares = baselines.map((baseline) => baseline.shares[id] ?? 0)
    return {
      ...{ id, label, colour, baselines: shares },
      mean: means[index]!,
      truthful: truthfulShares[index]!,
      statistics: statistics[index]!,
      disagreement: disagreement.categories[index]!,
      split: splits?.[index],
      histogram: histogramChart(histogram, statistics[index]!, locale, shares[0]),
    }
  })
}

const collectiveChart = (categories: readonly CategoryView[], locale: Locale): BarChart =>
  barChart(
    categories.map(({ id, label, colour, mean, truthful, baselines: [line, dotted] }) => ({
      ...{ id, label, colour, text: locale.format.percent1(mean), value: mean },
      ...{ diamond: truthful, line, dotted },
      live: { bar: `${id}.mean`, diamond: `${id}.truthful` },
      labels: [
        { mark: 'diamond' as const, text: locale.format.percent1(truthful) },
        ...(line === undefined ? [] : [{ mark: 'line' as const, text: locale.format.percent1(line) }]),
        ...(dotted === undefined ? [] : [{ mark: 'dotted' as const, text: locale.format.percent1(dotted) }]),
      ],
    })),
    locale,
  )

function splitsOf(categories: readonly CategoryView[], { format }: Locale): SplitChart | undefined {
  const rows = categories.flatMap(({ id, label, split, baselines: [now] }) =>
    split === undefined || now === undefined ? [] : [{ id, label, split, text: format.percent1(now) }],
  )
  return rows.length === 0 ? undefined : splitChart(rows)
}

function apartOf(aggregate: PollAggregate, categories: readonly CategoryView[]): ApartView | undefined {
  const { share } = pollStatistics(aggregate).disagreement
  if (share === null) return undefined
  const ranked = categories.toSorted((a, b) => b.disagreement! - a.disagreement!)
  return { share, most: ranked[0]!, least: ranked.at(-1)! }
}
