import type { Answer } from '../../../queries/results.ts'
import type { Locale } from '../../locale.ts'
import { frameOf } from '../frame.ts'
import { livePart } from '../live-part.ts'
import type { PagesScope } from '../plugin.ts'
import { pollPage } from '../poll-page.ts'
import { render } from '../views.ts'
import { formAddress } from './share-block.ts'
import { WIDGET_ROWS } from './share-page-view.ts'
import { sharingLinks } from './sharing-links.ts'
import { standingView } from './standing-view.ts'

/** So many categories can be read from the back of a hall, in two columns. */
const SCREEN_ROWS = 24

/** The big screen, to be read from the back of a hall. */
export function drawScreen(scope: PagesScope, answer: Answer, locale: Locale): Promise<string> {
  const { context } = scope
  const page = pollPage(scope, locale, answer.aggregate)
  const { definition, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, bare: 'screen', scripts: ['live.js', 'screen.js'], refresh: 10 },
    title: locale.words.share.screenTitle(definition.title),
  })
  const form = formAddress(context, locale, definition.poll)
  const { screen } = sharingLinks(locale, definition.poll, context.defaultPoll)
  const live = livePart(scope, definition.poll, screen)
  return render('screen', frame, { ...standingView(answer, page, form, SCREEN_ROWS), live })
}

/** The widget, for a frame on another site. */
export function drawWidget(scope: PagesScope, answer: Answer, locale: Locale): Promise<string> {
  const { context } = scope
  const page = pollPage(scope, locale, answer.aggregate)
  const { definition, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, bare: 'widget' },
    title: locale.words.share.widgetTitle(definition.title),
  })
  const form = formAddress(context, locale, definition.poll)
  return render('widget', frame, standingView(answer, page, form, WIDGET_ROWS))
}
