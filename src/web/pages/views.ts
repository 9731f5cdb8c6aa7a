import { join } from 'node:path'
import ejs from 'ejs'
import type { FastifyReply } from 'fastify'
import { asset } from './assets.ts'
import type { FormView } from './form-view.ts'
import * as format from './format.ts'
import type { HistoryView } from './history-view.ts'
import type { PollLinks } from './links.ts'
import type { MessageView } from './problem-page.ts'
import type { ResultsPageView } from './results-page-view.ts'
import type { SubmissionView } from './submission-view.ts'
import type { TrendsPageView } from './trends-page-view.ts'

/** What every page says of itself to the layout. */
export interface PageFrame {
  readonly title: string
  readonly links: PollLinks
  /** Which entry of the navigation this page is. */
  readonly current?: 'form' | 'results' | 'trends' | 'history'
}

/** Every view and what it is given. */
interface Views {
  form: FormView
  submission: SubmissionView
  results: ResultsPageView
  trends: TrendsPageView
  history: HistoryView
  message: MessageView
}

const directory = join(import.meta.dirname, '..', 'views')

/**
 * A page as HTML. Templates are compiled once per process. It needs no decorated reply, because an error page may be
 * wanted where no plugin of the pages is in scope.
 */
export const render = <Name extends keyof Views>(
  name: Name,
  frame: PageFrame,
  view: Views[Name],
): Promise<string> =>
  ejs.renderFile(join(directory, `${name}.ejs`), { frame, view, format, asset }, { cache: true })

/** Sends a rendered page as HTML in UTF-8. */
export const sendPage = (reply: FastifyReply, html: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(html)
