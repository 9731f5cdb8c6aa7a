import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../../../queries/results.ts'
import { isKnown } from '../../api/etag.ts'
import { sharedBriefly } from '../../cache-control.ts'
import { type Locale, localeOf } from '../../locale.ts'
import { addressOf, frameOf } from '../frame.ts'
import type { Painter } from '../pictures/painter.ts'
import { formAlt } from '../pictures/picture-views.ts'
import type { PagesScope } from '../plugin.ts'
import { type PollPage, pollPage } from '../poll-page.ts'
import { allowFraming, allowUseElsewhere, showOwnFrames } from '../security-headers.ts'
import { render, sendPage } from '../views.ts'
import { qrSvg } from './qr.ts'
import { resultsOfNow } from './results-of-now.ts'
import { formAddress, sharePageView, WIDGET_ROWS } from './share-view.ts'
import { pollPicture } from './sharing-links.ts'
import { addressTo, standingView } from './standing-view.ts'

type PollRequest = FastifyRequest<{ Params: { poll?: string } }>

/** So many categories can be read from the back of a hall, in two columns. */
const SCREEN_ROWS = 24

/** What a poll is passed on by: the page with the links, the poster, QR codes, the big screen and the widget. */
export function sharingRoutes(fastify: FastifyInstance, scope: PagesScope, painter: Painter): void {
  const screen = resultsOfNow(scope, (answer, locale) => drawScreen(scope, answer, locale))
  const widget = resultsOfNow(scope, (answer, locale) => drawWidget(scope, answer, locale), allowFraming)
  for (const home of ['', '/polls/:poll']) {
    fastify.get(`${home}/share`, (request: PollRequest, reply) => showShare(scope, request, reply))
    fastify.get(`${home}/poster`, (request: PollRequest, reply) => showPoster(scope, request, reply))
    fastify.get(`${home}/screen`, screen)
    fastify.get(`${home}/qr.svg`, (request: PollRequest, reply) => sendQr(scope, request, reply))
    fastify.get(`${home}/qr.png`, (request: PollRequest, reply) => sendQr(scope, request, reply, painter))
  }
  fastify.get('/embed/polls/:poll', widget)
}

async function pageOf(scope: PagesScope, request: PollRequest): Promise<PollPage> {
  const poll = await scope.polls.get(request.params.poll ?? scope.context.defaultPoll)
  return pollPage(scope, localeOf(request), poll)
}

async function showShare(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { context } = scope
  const page = await pageOf(scope, request)
  const { definition, locale, links, lang } = page
  const { share: words } = locale.words
  const picture = pollPicture(locale, definition.poll, 'form')
  const pictureAlt = formAlt(page)
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, scripts: ['share.js'] },
    title: words.title(definition.title),
    description: words.description(definition.title),
    address: addressOf(request),
    listedAt: context.publicUrl,
    openGraph: { image: context.publicUrl + picture, imageAlt: pictureAlt },
  })
  reply.header('cache-control', sharedBriefly)
  showOwnFrames(reply)
  return sendPage(reply, 'share', frame, sharePageView(page, context, { picture, pictureAlt }))
}

async function showPoster(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const page = await pageOf(scope, request)
  const { definition, locale, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, scripts: ['print.js'] },
    title: locale.words.share.posterTitle(definition.title),
    address: addressOf(request),
  })
  reply.header('cache-control', sharedBriefly)
  const address = addressTo(formAddress(scope.context, locale, definition.poll))
  return sendPage(reply, 'poster', frame, { pollTitle: definition.title, address })
}

/** @param painter for a PNG */
async function sendQr(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
  painter?: Painter,
): Promise<FastifyReply> {
  const { definition, locale } = await pageOf(scope, request)
  const address = formAddress(scope.context, locale, definition.poll)
  // An address never looks different.
  const etag = `"${Buffer.from(address).toString('base64url')}.${scope.version}"`
  allowUseElsewhere(reply).headers({ 'cache-control': sharedBriefly, etag, vary: 'accept-encoding' })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  if (!painter) return reply.type('image/svg+xml').send(qrSvg(address))
  return reply.type('image/png').send(await painter.png({ svg: qrSvg(address, 24) }))
}

function drawScreen(scope: PagesScope, answer: Answer, locale: Locale): Promise<string> {
  const { context } = scope
  const page = pollPage(scope, locale, answer.aggregate)
  const { definition, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, bare: 'screen', scripts: ['screen.js'], refresh: 10 },
    title: locale.words.share.screenTitle(definition.title),
  })
  const form = formAddress(context, locale, definition.poll)
  return render('screen', frame, standingView(answer, page, form, SCREEN_ROWS))
}

function drawWidget(scope: PagesScope, answer: Answer, locale: Locale): Promise<string> {
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
