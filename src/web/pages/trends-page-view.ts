import type { FieldError } from '../../errors.ts'
import { type BucketKind, bucketKinds } from '../../queries/calendar.ts'
import { zoneNames } from '../../queries/time-zone.ts'
import type { Trends } from '../../queries/trends.ts'
import { type TrendsView, type TrendsWords, trendsViews } from '../../queries/trends-request.ts'
import { meansOf, rowOf } from '../../queries/trends-view.ts'
import { languages } from '../words/languages.ts'
import { wordsIn } from '../words/words.ts'
import type { PollPage } from './poll-page.ts'
import { roundedShares } from './submission-view.ts'
import { scaleFromZero, sharedScales, type TrendChart, trendChart } from './trend-chart.ts'
import { trendsMistake } from './trends-mistakes.ts'

interface Choice {
  readonly value: string
  readonly label: string
}

/** The form as it was sent, or as it is first shown. */
interface TrendsForm {
  readonly action: string
  readonly entered: TrendsWords
  readonly views: readonly Choice[]
  readonly buckets: readonly Choice[]
  /** By part of the world. */
  readonly zones: readonly { readonly region: string; readonly names: readonly Choice[] }[]
  readonly errors: readonly FieldError[]
}

/** What is told of one category, basis points. */
interface TrendCard {
  readonly id: string
  readonly label: string
  readonly colour: string
  readonly chart: TrendChart
  /** There is a single point: nothing has moved. */
  readonly isOne: boolean
  readonly first: number
  readonly latest: number
  readonly lowest: { readonly value: number; readonly when: string }
  readonly highest: { readonly value: number; readonly when: string }
}

interface TrendRow {
  readonly start: string
  readonly when: string
  readonly complete: boolean
  readonly counted: number
  /** Rounded so that the row sums to 100 %; empty while nobody is counted. */
  readonly means: readonly number[]
}

interface TrendsShown {
  readonly view: TrendsView
  readonly bucket: BucketKind
  readonly zone: string
  readonly buckets: number
  /** What stands at either end of the axis of time. */
  readonly from: string
  readonly to: string
  readonly position: string
  /** The last bucket is not over. */
  readonly unfinished: boolean
  /** Submissions in each bucket, or until its end. */
  readonly counted: { readonly chart: TrendChart; readonly latest: number; readonly all: number }
  /** Empty while nobody is counted. */
  readonly cards: readonly TrendCard[]
  readonly columns: readonly string[]
  /** The latest ones. */
  readonly rows: readonly TrendRow[]
  readonly downloads: { readonly csv: string; readonly json: string }
}

/** How the collective budget moved: the form, and unless something is wrong with it, what it asks for. */
export interface TrendsPageView {
  readonly pollTitle: string
  readonly form: TrendsForm
  readonly shown: TrendsShown | undefined
}

/** A longer table nobody reads on a page; all of it is in the downloads. */
const MOST_ROWS = 400

interface TrendsPageInput {
  /** The poll in the person's language. */
  readonly page: PollPage
  readonly entered: TrendsWords
  readonly errors?: readonly FieldError[]
  readonly trends?: Trends
}

export const trendsPageView = (input: TrendsPageInput): TrendsPageView => ({
  pollTitle: input.page.definition.title,
  form: formOf(input),
  shown: input.trends && shownOf(input.trends, input.entered, input.page),
})

function formOf({ page: { links, locale }, entered, errors = [] }: TrendsPageInput): TrendsForm {
  const { trends: words } = locale.words
  return {
    action: links.trends,
    entered,
    errors: errors.map(trendsMistake(entered, locale)),
    views: trendsViews.toReversed().map((value) => ({ value, label: words.views[value].choice })),
    buckets: [
      { value: '', label: words.suits },
      ...bucketKinds.map((value) => ({ value, label: words.choices[value] })),
    ],
    zones: zoneChoices.get(locale.language)!,
  }
}

/** The part of the world in a zone's name; those without one are everywhere. */
const regionOf = (zone: string): string | undefined => (zone.includes('/') ? zone.split('/')[0]! : undefined)

const placeIn = (zone: string): string =>
  zone
    .slice(zone.indexOf('/') + 1)
    .replaceAll('_', ' ')
    .replaceAll('/', ', ')

const zoneChoices = new Map(
  languages.map((language) => {
    const { everywhere, regions } = wordsIn(language).trends
    const byRegion = [...Map.groupBy(zoneNames, regionOf)].map(([region, names]) => ({
      region: region === undefined ? everywhere : (regions[region] ?? region),
      names: names.map((value) => ({ value, label: placeIn(value) })),
    }))
    return [language, byRegion] as const
  }),
)

function shownOf(trends: Trends, entered: TrendsWords, { definition, locale }: PollPage): TrendsShown {
  const { calendar, view, bucket, complete } = trends
  const buckets = calendar.bounds.length - 1
  const rows = Array.from({ length: buckets }, (_, row) => rowOf(trends, row))
  const counted = rows.map(({ counts }) => counts.counted)
  const unfinished = complete < buckets
  const chart = (values: readonly (number | null)[], scale: ReturnType<typeof scaleFromZero>) =>
    // What everyone wants until now does not jump when the bucket ends; what some want in it may.
    trendChart(placed(trends, values), scale, unfinished && view === 'period')
  const named = (row: number) => locale.format.bucketStart(bucket, calendar.local[row]!)
  const tick = (row: number) => locale.format.bucketTick(bucket, calendar.local[row]!)
  const means = rows.map(({ counts, sums }) => meansOf(sums, counts.counted))
  const series = definition.categories.map((_, index) => means.map((row) => row[index]!))
  const scales = sharedScales(series)
  const nobody = counted.every((count) => count === 0)
  return {
    ...{ view, bucket, zone: trends.zone, buckets, unfinished, position: trends.position.toString() },
    from: tick(0),
    to: tick(buckets - 1),
    counted: {
      chart: chart(counted, scaleFromZero(counted)),
      latest: counted.at(-1)!,
      all: view === 'period' ? counted.reduce((sum, count) => sum + count, 0) : counted.at(-1)!,
    },
    cards: nobody
      ? []
      : definition.categories.map(({ id, label, colour }, index) => ({
          ...{ id, label, colour, chart: chart(series[index]!, scales[index]!) },
          ...extremesOf(series[index]!, named),
        })),
    columns: definition.categories.map(({ label }) => label),
    rows: rows
      .map(({ counts, sums }, row) => ({
        start: calendar.local[row]!,
        when: named(row),
        complete: row < complete,
        counted: counts.counted,
        means: counts.counted === 0 ? [] : roundedShares(sums),
      }))
      .slice(-MOST_ROWS),
    downloads: { csv: downloadOf(trends, entered, 'csv'), json: downloadOf(trends, entered, 'json') },
  }
}

/** A period's value is drawn in its middle, a state at the end of its bucket. */
function placed({ calendar: { bounds }, view }: Trends, values: readonly (number | null)[]) {
  const [start, length] = [bounds[0]!, bounds.at(-1)! - bounds[0]!]
  return values.map((value, row) => {
    const end = bounds[row + 1]!
    const time = view === 'period' ? (bounds[row]! + end) / 2 : end
    return { at: (time - start) / length, value }
  })
}

function extremesOf(values: readonly (number | null)[], named: (row: number) => string) {
  const known = values.flatMap((value, row) => (value === null ? [] : [{ value, row }]))
  const extreme = ({ value, row }: { value: number; row: number }) => ({ value, when: named(row) })
  return {
    isOne: known.length === 1,
    first: known[0]!.value,
    latest: known.at(-1)!.value,
    // The first time that it was so.
    lowest: extreme(known.reduce((least, each) => (each.value < least.value ? each : least))),
    highest: extreme(known.reduce((most, each) => (each.value > most.value ? each : most))),
  }
}

/** The same answer from the API, its bucket named: it shall not change with what suits. */
function downloadOf(trends: Trends, { from, to }: TrendsWords, format: string): string {
  const { definition, bucket, view, zone } = trends
  const given = { bucket, view, tz: zone, ...(from && { from }), ...(to && { to }), format }
  return `/api/polls/${definition.poll}/trends?${new URLSearchParams(given)}`
}
