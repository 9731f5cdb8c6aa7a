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

/** Everything that a poll is shared by. */
export interface SharePageView {
  readonly pollTitle: string
  readonly links: readonly { readonly id: string; readonly label: string; readonly href: string }[]
  readonly poster: string
  readonly screen: string
  readonly qr: readonly { readonly href: string; readonly format: string }[]
  readonly widget: { readonly href: string; readonly height: number; readonly snippet: string }
  readonly picture: string
  readonly pictureAlt: string
}

/** So many categories have room in the widget. */
export const WIDGET_ROWS = 12

/** High enough that nothing scrolls in it from 280 px of width on. */
const widgetHeight = (categories: number): number => 216 + Math.min(categories, WIDGET_ROWS) * 42

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** @param picture path of a picture and what it shows */
export function sharePageView(
  { definition, locale, links }: PollPage,
  { publicUrl, defaultPoll }: Pick<WebContext, 'publicUrl' | 'defaultPoll'>,
  picture: Pick<SharePageView, 'picture' | 'pictureAlt'>,
): SharePageView {
  const { poll, title } = definition
  const { share: words } = locale.words
  const sharing = sharingLinks(locale, poll, defaultPoll)
  const everybodys = pollLinks({ base: '' }, poll, defaultPoll)
  const widget = sharingLinks({ base: `/${locale.language}` }, poll, defaultPoll).widget
  const height = widgetHeight(definition.categories.length)
  return {
    ...picture,
    pollTitle: title,
    links: [
      { id: 'link-form', label: words.linkForm, href: publicUrl + everybodys.form },
      {
        id: 'link-results',
        label: words.linkResults,
        href: publicUrl + links.results.slice(locale.base.length),
      },
    ],
    poster: sharing.poster,
    screen: sharing.screen,
    qr: [
      { href: sharing.qrSvg, format: 'SVG' },
      { href: sharing.qrPng, format: 'PNG' },
    ],
    widget: {
      ...{ href: widget, height },
      snippet: `<iframe src="${publicUrl}${widget}" title="${escaped(title)}" width="100%" height="${height}" style="border:0;max-width:40rem" loading="lazy"></iframe>`,
    },
  }
}
