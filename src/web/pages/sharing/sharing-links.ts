import type { Locale } from '../../locale.ts'
import { submissionLink } from '../links.ts'

/** Addresses of what a poll is shared by. */
export interface SharingLinks {
  readonly share: string
  readonly poster: string
  readonly screen: string
  readonly widget: string
  readonly qrSvg: string
  readonly qrPng: string
}

/** As the locale has them; the default poll lives at the root. */
export function sharingLinks(
  { base }: Pick<Locale, 'base'>,
  poll: string,
  defaultPoll: string,
): SharingLinks {
  const home = poll === defaultPoll ? base : `${base}/polls/${poll}`
  return {
    share: `${home}/share`,
    poster: `${home}/poster`,
    screen: `${home}/screen`,
    widget: `${base}/embed/polls/${poll}`,
    qrSvg: `${home}/qr.svg`,
    qrPng: `${home}/qr.png`,
  }
}

/** Pictures name their language: whoever asks for one has none of their own. */
const named = ({ language }: Pick<Locale, 'language'>) => ({ base: `/${language}` as const })

/** Path of the picture of the form, or of the results. */
export const pollPicture = (locale: Pick<Locale, 'language'>, poll: string, of: 'form' | 'results'): string =>
  `${named(locale).base}/polls/${poll}/${of === 'results' ? 'results/' : ''}picture.png`

/** Path of the picture of a submission. */
export const submissionPicture = (locale: Pick<Locale, 'language'>, submission: string): string =>
  `${submissionLink(named(locale), submission)}/picture.png`
