import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import ejs from 'ejs'
import type { FastifyReply } from 'fastify'
import { type Locale, languageHeaders } from '../locale.ts'
import { asset } from './assets.ts'
import type { FormView } from './form-view.ts'
import type { PageFrame } from './frame.ts'
import type { HistoryView } from './history-view.ts'
import type { LivePart } from './live-part.ts'
import type { MessageView } from './problem-page.ts'
import type { ProseView } from './prose-view.ts'
import type { ReceiptPageView } from './receipt-routes.ts'
import type { ResultsPageView } from './results-page-view.ts'
import type { ReviewView } from './review-view.ts'
import { withNonce } from './security-headers.ts'
import type { SharePageView } from './sharing/share-page-view.ts'
import type { Address, StandingView } from './sharing/standing-view.ts'
import type { SubmissionView } from './submission-view.ts'
import type { TrendsPageView } from './trends-page-view.ts'

/** Every view and what it is given. */
interface Views {
  form: FormView
  review: ReviewView
  receipt: ReceiptPageView
  submission: SubmissionView
  results: ResultsPageView
  'partials/results-live': ResultsPageView
  trends: TrendsPageView
  history: HistoryView
  prose: ProseView
  message: MessageView
  share: SharePageView
  poster: { readonly pollTitle: string; readonly isOpen: boolean; readonly address: Address }
  screen: StandingView & { readonly live: LivePart }
  widget: StandingView
}

const directory = join(import.meta.dirname, '..', 'views')

/**
 * A page as HTML, in the language of its frame. Templates are compiled once per process, and have `frame`, `view`,
 * `words`, `format` and `asset`. It needs no decorated reply, because an error page may be wanted where no plugin of the
 * pages is in scope.
 * @param nonce for a page that is never stored: scripts and styles bear it
 */
export const render = <Name extends keyof Views>(
  name: Name,
  frame: PageFrame,
  view: Views[Name],
  nonce?: string,
): Promise<string> => {
  const { words, format } = frame.locale
  return ejs.renderFile(
    join(directory, `${name}.ejs`),
    { frame, view, words, format, asset, nonce },
    { cache: true },
  )
}

/** Renders a page for this answer and sends it. Say first, in `cache-control`, whether caches may share it. */
export async function sendPage<Name extends keyof Views>(
  reply: FastifyReply,
  name: Name,
  frame: PageFrame,
  view: Views[Name],
): Promise<FastifyReply> {
  const isNeverStored = String(reply.getHeader('cache-control')).includes('no-store')
  const nonce = isNeverStored ? randomBytes(16).toString('base64url') : undefined
  if (nonce !== undefined) withNonce(reply, nonce)
  return sendHtml(reply, frame.locale, await render(name, frame, view, nonce))
}

/** Sends what was rendered before, for many answers. */
const sendHtml = (reply: FastifyReply, locale: Locale, html: string): FastifyReply =>
  reply.headers(languageHeaders(locale)).type('text/html; charset=utf-8').send(html)
