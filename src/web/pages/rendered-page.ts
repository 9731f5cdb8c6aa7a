import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

const encoders = {
  br: (html: Buffer) =>
    promisify(brotliCompress)(html, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: html.length,
      },
    }),
  gzip: (html: Buffer) => promisify(gzip)(html, { level: 6 }),
  identity: async (html: Buffer) => html,
} as const
type Encoding = keyof typeof encoders

/** The best first, where a browser does not mind. */
const encodings = Object.keys(encoders) as Encoding[]

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

/** Who says nothing gets the bytes as they are. */
function encodingFor(accepted: string | undefined): Encoding {
  if (accepted === undefined) return 'identity'
  const acceptable = new Negotiator({ headers: { 'accept-encoding': accepted } }).encodings([...encodings])
  return encodings.find((encoding) => acceptable.includes(encoding)) ?? 'identity'
}
