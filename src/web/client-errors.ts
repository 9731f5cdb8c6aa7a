import type { Socket } from 'node:net'
import { Problem, problems } from '../errors.ts'
import { problemDocument } from './problem-document.ts'

const details: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The address and headers together may have at most 16 KiB.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive completely in time.',
}

const notHttp = 'This is not HTTP/1.1 as RFC 9112 defines it.'

/**
 * Answers what is no HTTP at all, or never becomes a whole request: fastify does not get to see it.
 * @param otherwise what is said of an error that tells nothing itself
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  otherwise: string = notHttp,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const detail = details[error.code ?? ''] ?? otherwise
  const body = JSON.stringify(problemDocument(new Problem('MALFORMED_REQUEST', { detail })))
  const { status } = problems.MALFORMED_REQUEST
  socket.end(
    [
      `HTTP/1.1 ${status} Bad Request`,
      'Connection: close',
      'Content-Type: application/problem+json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  )
}
