import type { WebContext } from '../../context.ts'
import type { Locale } from '../../locale.ts'
import { pollLinks } from '../links.ts'
import type { PollPage } from '../poll-page.ts'
import { sharingLinks } from './sharing-links.ts'

/** The block on a page with which its link is passed on: `views/partials/share.ejs`. */
export interface ShareBlock {
  /** The page's own address, absolute and in no language: everybody gets theirs. */
  readonly link: string
  readonly title: string
  readonly mail: string
  /** Path of the picture, and what it shows. */
  readonly picture: string
  readonly pictureAlt: string
  /** Where there is more to share by. */
  readonly more: string
}

interface ShareInput {
  /** Path without a language. */
  readonly path: string
  readonly picture: string
  readonly pictureAlt: string
}

export function shareBlock(
  { definition: { poll, title }, locale }: PollPage,
  { publicUrl, defaultPoll }: Pick<WebContext, 'publicUrl' | 'defaultPoll'>,
  { path, picture, pictureAlt }: ShareInput,
): ShareBlock {
  const link = `${publicUrl}${path}`
  const mail = `mailto:?subject=${encodeURIComponent(title)}&body=${encodeURIComponent(link)}`
  return { link, title, mail, picture, pictureAlt, more: sharingLinks(locale, poll, defaultPoll).share }
}

/** The block's picture for the frame's `openGraph`. */
export const pictureIn = ({ picture, pictureAlt }: ShareBlock, publicUrl: string) => ({
  image: publicUrl + picture,
  imageAlt: pictureAlt,
})

/** Absolute address of the poll's form: of the locale if it was named, else each browser's own. */
export const formAddress = (
  { publicUrl, defaultPoll }: Pick<WebContext, 'publicUrl' | 'defaultPoll'>,
  locale: Pick<Locale, 'base'>,
  poll: string,
): string => publicUrl + pollLinks(locale, poll, defaultPoll).form
