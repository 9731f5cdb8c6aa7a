import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isKnown } from '../api/etag.ts'
import { sharedBriefly } from '../cache-control.ts'
import { type Locale, languageHeaders, localeOf } from '../locale.ts'
import { frameOf } from './frame.ts'
import { pollLinks } from './links.ts'
import type { PagesScope } from './plugin.ts'
import { type ProsePage, prosePages, proseView } from './prose-view.ts'
import { RenderedPage, sendRendered } from './rendered-page.ts'
import { render } from './views.ts'

/** How the numbers are made, and what is kept: the same for everybody, rendered once for each language. */
export function proseRoutes(fastify: FastifyInstance, scope: PagesScope): void {
  const rendered = new Map<string, Promise<RenderedPage>>()
  const pageOf = (name: ProsePage, locale: Locale): Promise<RenderedPage> => {
    const key = `${name} ${locale.language} ${locale.base}`
    const page = rendered.get(key) ?? draw(scope, name, locale)
    rendered.set(key, page)
    page.catch(() => rendered.delete(key))
    return page
  }
  for (const name of prosePages)
    fastify.get(
      pollLinks({ base: '' })[name],
      { compress: false },
      async (request: FastifyRequest, reply: FastifyReply) => {
        const locale = localeOf(request)
        const etag = `"${scope.version}.${locale.language}"`
        reply.headers({ 'cache-control': sharedBriefly, etag: `W/${etag}`, ...languageHeaders(locale) })
        if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
        return sendRendered(request, reply, await pageOf(name, locale))
      },
    )
}

async function draw({ context }: PagesScope, name: ProsePage, locale: Locale): Promise<RenderedPage> {
  const { publicUrl, defaultPoll: poll } = context
  const links = pollLinks(locale)
  const { title, description } = locale.words[name]
  const address = links[name].slice(locale.base.length)
  const frame = frameOf({ locale, links, title, description, address, listedAt: publicUrl })
  return new RenderedPage(await render('prose', frame, proseView(name, { locale, links, poll, publicUrl })))
}
