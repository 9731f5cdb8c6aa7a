import type { FastifyInstance } from 'fastify'
import type { Painter } from '../pictures/painter.ts'
import type { PagesScope } from '../plugin.ts'
import { allowFraming } from '../security-headers.ts'
import type { PollRequest } from './asked-poll.ts'
import { showPoster } from './poster.ts'
import { sendQr } from './qr-files.ts'
import { resultsOfNow } from './results-of-now.ts'
import { showShare } from './share-page.ts'
import { drawScreen, drawWidget } from './standing-pages.ts'

/** What a poll is passed on by: the page with the links, the poster, QR codes, the big screen and the widget. */
export function sharingRoutes(fastify: FastifyInstance, scope: PagesScope, painter: Painter): void {
  const screen = resultsOfNow(scope, (answer, locale) => drawScreen(scope, answer, locale))
  const widget = resultsOfNow(scope, (answer, locale) => drawWidget(scope, answer, locale), allowFraming)
  // Compressed once for all.
  const rendered = { compress: false } as const
  for (const home of ['', '/polls/:poll']) {
    fastify.get(`${home}/share`, (request: PollRequest, reply) => showShare(scope, request, reply))
    fastify.get(`${home}/poster`, (request: PollRequest, reply) => showPoster(scope, request, reply))
    fastify.get(`${home}/screen`, rendered, screen)
    fastify.get(`${home}/qr.svg`, (request: PollRequest, reply) => sendQr(scope, request, reply))
    fastify.get(`${home}/qr.png`, (request: PollRequest, reply) => sendQr(scope, request, reply, painter))
  }
  fastify.get('/embed/polls/:poll', rendered, widget)
}
