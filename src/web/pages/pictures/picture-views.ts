/** What the pictures say, from what their pages say. */
import type { CastSubmission } from '../../../commands/submission-state.ts'
import type { PollAggregate } from '../../../projections/poll-aggregate.ts'
import { pollStatistics } from '../../../queries/statistics.ts'
import type { Locale } from '../../locale.ts'
import type { PollPage } from '../poll-page.ts'
import { roundedShares } from '../submission-view.ts'
import { type Drawing, type DrawnRow, fewEnough, MOST_ROWS } from './drawing.ts'

type Page = Pick<PollPage, 'definition' | 'locale'>

/** A category and what it gets, basis points. */
export interface Share extends DrawnRow {
  readonly id: string
  readonly colour: string
}

/** The mean of every category, rounded so that all sum to 100 %; without values while nobody is counted. */
export function meanShares(aggregate: PollAggregate | undefined, { definition, locale }: Page): Share[] {
  const means = aggregate?.counted
    ? roundedShares(pollStatistics(aggregate).categories.map(({ sum }) => sum))
    : []
  return definition.categories.map(({ id, label, colour }, index) => {
    const value = means[index]
    return { id, label, colour, ...(value !== undefined && { value, text: locale.format.percent1(value) }) }
  })
}

/** A split beside the mean of all. */
const ownShares = (
  { allocation }: CastSubmission,
  aggregate: PollAggregate | undefined,
  page: Page,
): Share[] =>
  meanShares(aggregate, page).map(({ value: mean, ...share }) => {
    const value = allocation[share.id] ?? 0
    return {
      ...share,
      value,
      text: page.locale.format.percent(value),
      ...(mean !== undefined && { second: mean }),
    }
  })

/** An invitation: no numbers, nobody shall see what others want before they have said what they want. */
export const formDrawing = ({ definition, locale }: Page): Drawing =>
  drawing(definition.title, locale, {
    subtitle: locale.words.share.pictureInvites(definition.categories.length),
    rows: definition.categories.map(({ label, colour }) => ({ label, colour })),
  })

/** The collective budget. */
export const resultsDrawing = (aggregate: PollAggregate, page: Page): Drawing => {
  const { share, results } = page.locale.words
  const { counted } = aggregate
  return drawing(page.definition.title, page.locale, {
    subtitle: counted === 0 ? results.nobodyYet : share.pictureWhat(counted),
    rows: meanShares(aggregate, page),
  })
}

/** One split, whoever's it is. */
export function submissionDrawing(
  submission: CastSubmission,
  aggregate: PollAggregate | undefined,
  page: Page,
): Drawing {
  const { common, share, submission: words } = page.locale.words
  const rows = ownShares(submission, aggregate, page)
  const hasMean = rows.some(({ second }) => second !== undefined)
  return drawing(page.definition.title, page.locale, {
    subtitle: share.pictureSplit,
    rows,
    legend: hasMean
      ? [
          { label: words.somebodys.split, of: 'value' },
          { label: common.meanOfAll, of: 'second' },
        ]
      : [],
  })
}

function drawing(
  title: string,
  { words: { common, share } }: Locale,
  { subtitle, rows, legend = [] }: Pick<Drawing, 'subtitle' | 'rows'> & Partial<Pick<Drawing, 'legend'>>,
): Drawing {
  const { shown, left } = fewEnough(rows, MOST_ROWS)
  const all = left === 0 ? shown : [...shown, { label: share.andMore(left) }]
  return { site: common.site, title, subtitle, legend, note: common.openPoll, rows: all }
}

const LARGEST = 3

/** What `share` gives most to, to be read out: `Healthcare 24.5 %`. */
const largest = (shares: readonly Share[]): string[] =>
  shares
    .filter(({ value = 0 }) => value > 0)
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))
    .slice(0, LARGEST)
    .map(({ label, text = '' }) => `${label} ${text}`)

/** The picture of the form, for who does not see it. */
export const formAlt = ({ definition, locale: { words } }: Page): string =>
  words.share.pictureForm(definition.title, definition.categories.length)

/** The picture of the results, for who does not see it. */
export function resultsAlt(aggregate: PollAggregate, page: Page): string {
  const { share } = page.locale.words
  const { title } = page.definition
  if (aggregate.counted === 0) return share.pictureNobody(title)
  return share.pictureResults(title, aggregate.counted, largest(meanShares(aggregate, page)))
}

/** The picture of one split, for who does not see it. */
export const submissionAlt = (submission: CastSubmission, page: Page): string =>
  page.locale.words.share.pictureSubmission(
    page.definition.title,
    largest(ownShares(submission, undefined, page)),
  )
