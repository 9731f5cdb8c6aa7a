import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PollAggregate } from '../../projections/poll-aggregate.ts'
import { type Encoding, encoders, encodingFor } from '../encodings.ts'

/** HTML that many are sent: its bytes are made once, and compressed once for each encoding that somebody asks for. */
export class RenderedPage {
  readonly #html: Buffer
  readonly #encoded = new Map<Encoding, Promise<Buffer>>()

  constructor(html: string) {
    this.#html = Buffer.from(html)
  }

  /** The same promise for everybody: compressing happens beside the event loop. */
  in(encoding: Encoding): Promise<Buffer> {
    const known = this.#encoded.get(encoding) ?? encoders[encoding](this.#html)
    this.#encoded.set(encoding, known)
    return known
  }
}

/** Pages of results: a snapshot is looked at thousands of times, and each of its pages is drawn once. */
export class RenderedPages {
  readonly #pages = new WeakMap<PollAggregate, Map<string, Promise<RenderedPage>>>()

  /** @param key what else the page depends on */
  of(aggregate: PollAggregate, key: string, draw: () => Promise<string>): Promise<RenderedPage> {
    const pages = this.#pages.get(aggregate) ?? new Map<string, Promise<RenderedPage>>()
    this.#pages.set(aggregate, pages)
    const known = pages.get(key)
    if (known) return known
    const page = draw().then((html) => new RenderedPage(html))
    pages.set(key, page)
    // What could not be drawn may be drawn the next time.
    page.catch(() => pages.delete(key))
    return page
  }
}

/** Sends it as the browser can read it best. Headers of language and caching are the caller's. */
export async function sendRendered(
  request: FastifyRequest,
  reply: FastifyReply,
  page: RenderedPage,
): Promise<FastifyReply> {
  const encoding = encodingFor(request.headers['accept-encoding'])
  const body = await page.in(encoding)
  if (encoding !== 'identity') reply.header('content-encoding', encoding)
  return reply.type('text/html; charset=utf-8').send(body)
}
