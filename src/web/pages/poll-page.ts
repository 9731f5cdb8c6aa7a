import type { PollSummary } from '../../queries/results.ts'
import type { Locale } from '../locale.ts'
import { type PollLinks, pollLinks } from './links.ts'
import type { PagesScope } from './plugin.ts'

/** A poll as one person's pages show it. */
export interface PollPage extends PollSummary {
  readonly locale: Locale
  /** Language of the definition's texts, for `lang` attributes. */
  readonly lang: string
  readonly links: PollLinks
}

/** Puts a poll into the person's language, if there is a translation. */
export const pollPage = (
  { context }: Pick<PagesScope, 'context'>,
  locale: Locale,
  { definition, status }: PollSummary,
): PollPage => ({
  ...context.pollTexts.in(locale.language, definition),
  ...{ status, locale, links: pollLinks(locale, definition.poll, context.defaultPoll) },
})
