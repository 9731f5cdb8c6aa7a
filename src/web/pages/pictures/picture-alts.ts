/** The pictures in words, for who does not see them. */
import type { CastSubmission } from '../../../commands/submission-state.ts'
import type { PollAggregate } from '../../../projections/poll-aggregate.ts'
import { meanShares, ownShares, type PicturePage, type Share } from './picture-views.ts'

const LARGEST = 3

/** What `share` gives most to, to be read out: `Healthcare 24.5 %`. */
const largest = (shares: readonly Share[]): string[] =>
  shares
    .filter(({ value = 0 }) => value > 0)
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))
    .slice(0, LARGEST)
    .map(({ label, text = '' }) => `${label} ${text}`)

/** The picture of the form. */
export const formAlt = ({ definition, locale: { words } }: PicturePage): string =>
  words.share.pictureForm(definition.title, definition.categories.length)

/** The picture of the results. */
export function resultsAlt(aggregate: PollAggregate, page: PicturePage): string {
  const { share } = page.locale.words
  const { title } = page.definition
  if (aggregate.counted === 0) return share.pictureNobody(title)
  return share.pictureResults(title, aggregate.counted, largest(meanShares(aggregate, page)))
}

/** The picture of one split. */
export const submissionAlt = (submission: CastSubmission, page: PicturePage): string =>
  page.locale.words.share.pictureSubmission(
    page.definition.title,
    largest(ownShares(submission, undefined, page)),
  )
