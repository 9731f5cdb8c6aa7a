import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Console } from './console.ts'
import { signInLink } from './session/way-back.ts'

/** A part of a page that its script asks for by itself. */
const isFragment = ({ headers }: FastifyRequest): boolean => headers['x-fragment'] !== undefined

/** Lets nobody past without a session, and no form that is not of that session. */
export function requireSession(fastify: FastifyInstance, console: Console): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const session = console.sessions.of(request)
    if (!session) return refuse(request, reply)
    console.admit(request, session)
    if (!isFragment(request)) console.sessions.renew(reply, session)
  })
  fastify.addHook('preHandler', async (request) => {
    if (request.method === 'POST') console.formOf(request)
  })
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (isFragment(request)) return reply.code(401).type('text/plain; charset=utf-8').send('Signed out')
  // What was sent is not done after signing in: the page is shown again instead.
  const { method, url } = request
  return reply.redirect(
    method === 'GET' ? signInLink(url) : `${signInLink('/operator')}&ended`,
    method === 'GET' ? 302 : 303,
  )
}
