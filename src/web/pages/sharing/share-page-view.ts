import type { WebContext } from '../../context.ts'
import { pollLinks } from '../links.ts'
import type { PollPage } from '../poll-page.ts'
import { sharingLinks } from './sharing-links.ts'

/** Everything that a poll is shared by. */
export interface SharePageView {
  readonly pollTitle: string
  readonly pollOpen: boolean
  readonly links: readonly { readonly id: string; readonly label: string; readonly href: string }[]
  readonly poster: string
  readonly screen: string
  /** Files of the code that leads to the form, while it is of use. */
  readonly qr: readonly { readonly href: string; readonly format: string }[]
  readonly widget: { readonly href: string; readonly height: number; readonly snippet: string }
  readonly picture: string
  readonly pictureAlt: string
}

/** So many categories have room in the widget. */
export const WIDGET_ROWS = 12

/** High enough that nothing scrolls in it from 280 px of width on. */
const widgetHeight = (categories: number): number => 264 + Math.min(categories, WIDGET_ROWS) * 42

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

/** @param picture path of a picture and what it shows */
export function sharePageView(
  { definition, locale, links, status }: PollPage,
  { publicUrl, defaultPoll }: Pick<WebContext, 'publicUrl' | 'defaultPoll'>,
  picture: Pick<SharePageView, 'picture' | 'pictureAlt'>,
): SharePageView {
  const { poll, title } = definition
  const isOpen = status === 'open'
  const { share: words } = locale.words
  const sharing = sharingLinks(locale, poll, defaultPoll)
  const everybodys = pollLinks({ base: '' }, poll, defaultPoll)
  const widget = sharingLinks({ base: `/${locale.language}` }, poll, defaultPoll).widget
  const height = widgetHeight(definition.categories.length)
  return {
    ...picture,
    pollTitle: title,
    pollOpen: isOpen,
    links: [
      ...(isOpen ? [{ id: 'link-form', label: words.linkForm, href: publicUrl + everybodys.form }] : []),
      {
        id: 'link-results',
        label: words.linkResults,
        href: publicUrl + links.results.slice(locale.base.length),
      },
    ],
    poster: sharing.poster,
    screen: sharing.screen,
    qr: isOpen
      ? [
          { href: sharing.qrSvg, format: 'SVG' },
          { href: sharing.qrPng, format: 'PNG' },
        ]
      : [],
    widget: {
      ...{ href: widget, height },
      snippet: `<iframe src="${publicUrl}${widget}" title="${escaped(title)}" width="100%" height="${height}" style="border:0;max-width:40rem" loading="lazy"></iframe>`,
    },
  }
}
