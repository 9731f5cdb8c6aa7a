import type { FastifyReply } from 'fastify'
import { sharedBriefly } from '../../cache-control.ts'
import { addressOf, frameOf } from '../frame.ts'
import type { PagesScope } from '../plugin.ts'
import { sendPage } from '../views.ts'
import { askedPoll, type PollRequest } from './asked-poll.ts'
import { formAddress } from './share-block.ts'
import { addressTo } from './standing-view.ts'

/** The QR code on a page that is there to be printed: to the form, and to the results once nobody may send any more. */
export async function showPoster(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const page = await askedPoll(scope, request)
  const { definition, locale, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, scripts: ['print.js'] },
    title: locale.words.share.posterTitle(definition.title),
    address: addressOf(request),
  })
  reply.header('cache-control', sharedBriefly)
  const isOpen = page.status === 'open'
  const form = formAddress(scope.context, locale, definition.poll)
  const address = addressTo(isOpen ? form : scope.context.publicUrl + links.results)
  return sendPage(reply, 'poster', frame, { pollTitle: definition.title, isOpen, address })
}
