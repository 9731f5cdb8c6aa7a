/** What the pictures say, from what their pages say. */
import type { CastSubmission } from '../../../commands/submission-state.ts'
import type { PollAggregate } from '../../../projections/poll-aggregate.ts'
import { pollStatistics } from '../../../queries/statistics.ts'
import type { Locale } from '../../locale.ts'
import type { PollPage } from '../poll-page.ts'
import { roundedShares } from '../submission-view.ts'
import { type Drawing, type DrawnRow, fewEnough, MOST_ROWS } from './drawing.ts'

/** What a picture needs of a page. */
export type PicturePage = Pick<PollPage, 'definition' | 'locale'>

/** A category and what it gets, basis points. */
export interface Share extends DrawnRow {
  readonly id: string
  readonly colour: string
}

/** The mean of every category, rounded so that all sum to 100 %; without values while nobody is counted. */
export function meanShares(
  aggregate: PollAggregate | undefined,
  { definition, locale }: PicturePage,
): Share[] {
  const means = aggregate?.counted
    ? roundedShares(pollStatistics(aggregate).categories.map(({ sum }) => sum))
    : []
  return definition.categories.map(({ id, label, colour }, index) => {
    const value = means[index]
    return { id, label, colour, ...(value !== undefined && { value, text: locale.format.percent1(value) }) }
  })
}

/** A split beside the mean of all. */
export const ownShares = (
  { allocation }: CastSubmission,
  aggregate: PollAggregate | undefined,
  page: PicturePage,
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
export const formDrawing = ({ definition, locale }: PicturePage): Drawing =>
  drawing(definition.title, locale, {
    subtitle: locale.words.share.pictureInvites(definition.categories.length),
    rows: definition.categories.map(({ label, colour }) => ({ label, colour })),
  })

/** The collective budget. */
export const resultsDrawing = (aggregate: PollAggregate, page: PicturePage): Drawing => {
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
  page: PicturePage,
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
