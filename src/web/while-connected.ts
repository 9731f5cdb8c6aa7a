import type { FastifyReply } from 'fastify'
import { Problem } from '../errors.ts'

/** A signal that aborts when the client goes away before it has its answer, with a refusal that nobody will read. */
export function whileConnected(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new Problem('MALFORMED_REQUEST', { detail: 'The client went away.' }))
  })
  return controller.signal
}
