import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { splitAtBaseline } from '../../queries/comparison.ts'
import type { Split } from '../../queries/distribution.ts'
import type { Answer, Tier } from '../../queries/results.ts'
import { type CategoryStatistics, pollStatistics } from '../../queries/statistics.ts'
import { download, type Piece } from '../words/rich.ts'
import { type BarChart, barChart, type HistogramChart, histogramChart } from './charts.ts'
import { downloadLinks } from './links.ts'
import type { LivePart } from './live-part.ts'
import type { MomentView } from './moment-form.ts'
import type { PollPage } from './poll-page.ts'
import { roundedShares } from './submission-view.ts'

interface CategoryView {
  readonly id: string
  readonly label: string
  readonly description: string
  readonly colour: string
  /** Rounded so that the column sums to 100 %, like `truthful`. */
  readonly mean: number
  readonly truthful: number
  readonly statistics: CategoryStatistics
  readonly baselines: readonly number[]
  readonly split: Split | undefined
  readonly histogram: HistogramChart
}

/** The collective budget of a poll at one position. */
export interface ResultsPageView {
  readonly pollTitle: string
  readonly pollOpen: boolean
  readonly counted: number
  readonly excluded: number
  readonly withdrawn: number
  readonly parked: number
  readonly baselines: PollAggregate['definition']['baselines']
  /** Empty while nobody is counted. */
  readonly categories: readonly CategoryView[]
  readonly chart: BarChart
  /** The rows behind these numbers. */
  readonly downloads: readonly Piece[]
  readonly tier: Tier
  readonly position: string
  readonly asOf: string
  readonly moment: MomentView
  readonly live: LivePart | undefined
}

/** Presents an answer for the collective page. @param page the poll in the person's language */
export function resultsPageView(
  { aggregate, tier }: Answer,
  page: PollPage,
  moment: MomentView,
  live: LivePart | undefined,
): ResultsPageView {
  const { counted, excluded, withdrawn, parked } = aggregate
  const { definition, locale } = page
  const categories = counted === 0 ? [] : categoriesOf(aggregate, page)
  return {
    pollTitle: definition.title,
    pollOpen: aggregate.status === 'open',
    ...{ counted, excluded, withdrawn, parked, tier, categories },
    baselines: definition.baselines,
    chart: barChart(
      categories.map(({ id, label, colour, mean, truthful, baselines }) => ({
        ...{ label, colour, text: locale.format.percent1(mean), value: mean },
        diamond: truthful,
        live: { value: `${id}.mean`, diamond: `${id}.truthful` },
        line: baselines[0],
      })),
      locale,
    ),
    downloads: downloadLinks(definition.poll, aggregate.position.toString()).map(({ name, href }) =>
      download(name, href),
    ),
    position: aggregate.position.toString(),
    asOf: aggregate.asOf,
    moment,
    live,
  }
}

function categoriesOf(aggregate: PollAggregate, { definition, locale }: PollPage): CategoryView[] {
  const { categories, baselines } = definition
  const statistics = pollStatistics(aggregate)
  const means = roundedShares(statistics.categories.map(({ sum }) => sum))
  const truthful = roundedShares(statistics.truthful?.shares ?? [])
  const splits = baselines[0] && splitAtBaseline(aggregate, baselines[0])
  return categories.map(({ id, label, description, colour }, index) => ({
    ...{ id, label, description, colour },
    mean: means[index]!,
    truthful: truthful[index]!,
    statistics: statistics.categories[index]!,
    baselines: baselines.map(({ shares }) => shares[id] ?? 0),
    split: splits?.[index],
    histogram: histogramChart(aggregate.categories[index]!.histogram, statistics.categories[index]!, locale),
  }))
}
