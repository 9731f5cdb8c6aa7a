import type { FastifyReply } from 'fastify'
import { isKnown } from '../../api/etag.ts'
import { sharedBriefly } from '../../cache-control.ts'
import type { Painter } from '../pictures/painter.ts'
import type { PagesScope } from '../plugin.ts'
import { allowUseElsewhere } from '../security-headers.ts'
import { askedPoll, type PollRequest } from './asked-poll.ts'
import { qrSvg } from './qr.ts'
import { formAddress } from './share-block.ts'

/** The QR code that leads to the form, as a file. @param painter for a PNG; without one it is an SVG */
export async function sendQr(
  scope: PagesScope,
  request: PollRequest,
  reply: FastifyReply,
  painter?: Painter,
): Promise<FastifyReply> {
  const { definition, locale } = await askedPoll(scope, request)
  const address = formAddress(scope.context, locale, definition.poll)
  // An address never looks different.
  const etag = `"${Buffer.from(address).toString('base64url')}.${scope.version}"`
  allowUseElsewhere(reply).headers({ 'cache-control': sharedBriefly, etag, vary: 'accept-encoding' })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  if (!painter) return reply.type('image/svg+xml').send(qrSvg(address))
  return reply.type('image/png').send(await painter.png({ svg: qrSvg(address, 24) }))
}
