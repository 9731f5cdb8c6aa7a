import type { FastifyReply } from 'fastify'
import { sharedBriefly } from '../../cache-control.ts'
import { addressOf, frameOf } from '../frame.ts'
import { formAlt } from '../pictures/picture-alts.ts'
import type { PagesScope } from '../plugin.ts'
import { showOwnFrames } from '../security-headers.ts'
import { sendPage } from '../views.ts'
import { askedPoll, type PollRequest } from './asked-poll.ts'
import { sharePageView } from './share-page-view.ts'
import { pollPicture } from './sharing-links.ts'

/** Everything that the poll is passed on by. */
export async function showShare(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { context } = scope
  const page = await askedPoll(scope, request)
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
