import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../../errors.ts'
import { repeatedNames } from './repeated-names.ts'

/** A body as it was sent. What it says is for the handler to check. */
export interface JsonBody {
  readonly value: unknown
  /** Names that an object in it has twice. */
  readonly repeated: readonly string[]
}

/**
 * Takes JSON in UTF-8 and nothing else. Unlike fastify's own parser it refuses wrong encodings and notices repeated
 * names. `__proto__` is a name as any other: handlers look at own properties only.
 */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, parseJson(body as Buffer, request.headers))
  })
}

/** @returns undefined for an empty body. @throws {Problem} UNSUPPORTED_MEDIA_TYPE, MALFORMED_REQUEST */
function parseJson(body: Buffer, headers: IncomingHttpHeaders): JsonBody | undefined {
  const type = headers['content-type']
  if (type !== undefined && type !== 'application/json') checkCharset(type)
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', {
      detail: 'Send the body as it is, without Content-Encoding.',
    })
  if (body.length === 0) return undefined
  if (!isUtf8(body)) throw new Problem('MALFORMED_REQUEST', { detail: 'The body is not valid UTF-8.' })
  const text = body.toString('utf8').replace(/^\ufeff/, '')
  const value = parse(text)
  return { value, repeated: repeatedNames(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : ''
    throw new Problem('MALFORMED_REQUEST', { detail: `The body is not valid JSON: ${reason}`, cause: error })
  }
}

function checkCharset(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset))
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', { detail: 'JSON is UTF-8: leave charset out, or say utf-8.' })
}
