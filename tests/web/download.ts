import { createHash } from 'node:crypto'
import { get, type IncomingHttpHeaders } from 'node:http'

export interface Downloaded {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly trailers: NodeJS.Dict<string>
  readonly bytes: Buffer
  /** The whole answer arrived, as its framing says. */
  readonly complete: boolean
}

/** Fetches with what browsers and fetch hide: trailers, and whether the answer was cut off. */
export function download(
  url: string,
  headers: Record<string, string> = {},
  localAddress = '127.0.0.1',
): Promise<Downloaded> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false, localAddress }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', () => {})
      answer.on('close', () =>
        resolve({
          status: answer.statusCode!,
          headers: answer.headers,
          trailers: answer.trailers,
          bytes: Buffer.concat(chunks),
          complete: answer.complete,
        }),
      )
    }).on('error', reject)
  })
}

/** As RFC 9530 writes it. */
export const digestField = (bytes: Buffer): string =>
  `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`
