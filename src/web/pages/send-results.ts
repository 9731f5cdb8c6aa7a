import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Answer } from '../../queries/results.ts'
import { etagOf, isKnown } from '../api/etag.ts'
import { sharedBriefly } from '../cache-control.ts'
import { type Locale, languageHeaders } from '../locale.ts'
import type { PagesScope } from './plugin.ts'
import { type RenderedPage, sendRendered } from './rendered-page.ts'

interface Sent {
  readonly scope: Pick<PagesScope, 'version'>
  readonly answer: Answer
  readonly locale: Locale
  /** What else the page depends on, as an ETag may hold it. */
  readonly variant?: string
  /** Not asked of whoever has the page already. */
  readonly page: () => Promise<RenderedPage>
}

/**
 * Sends a page of results: shared by caches, known by the position, compressed once for all. A new version of the pages
 * is a new page, though the position is the same.
 */
export async function sendResults(
  request: FastifyRequest,
  reply: FastifyReply,
  { scope, answer, locale, variant, page }: Sent,
): Promise<FastifyReply> {
  const parts = [etagOf(answer).slice(0, -1), scope.version, locale.language, ...(variant ? [variant] : [])]
  const etag = `${parts.join('.')}"`
  reply.headers({
    ...languageHeaders(locale),
    ...{ 'cache-control': sharedBriefly, etag: `W/${etag}`, 'server-timing': answer.tier },
  })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return sendRendered(request, reply, await page())
}
