import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import type { Console } from './console.ts'
import type { Session } from './session/sessions.ts'
import { signInLink } from './session/way-back.ts'

/** A part of a page that its script asks for by itself. */
const isFragment = ({ headers }: FastifyRequest): boolean => headers['x-fragment'] !== undefined

/** Lets nobody past without a session, and no form that is not of that session. */
export function requireSession(fastify: FastifyInstance, console: Console): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const session = console.sessions.of(request)
    if (!session || (await hasEnded(console, session, request))) return refuse(request, reply)
    console.admit(request, session)
    if (!isFragment(request)) console.sessions.renew(reply, session)
  })
  fastify.addHook('preHandler', async (request) => {
    if (request.method === 'POST') console.formOf(request)
  })
}

/**
 * While the database is away pages are still shown to whoever has a cookie, since operators must see what is wrong; nothing
 * is done for them.
 * @throws {Problem} RESULTS_UNAVAILABLE
 */
async function hasEnded(console: Console, session: Session, { method }: FastifyRequest): Promise<boolean> {
  try {
    return await console.sessions.hasEnded(session)
  } catch (cause) {
    if (method === 'GET') return false
    throw new Problem('RESULTS_UNAVAILABLE', {
      detail:
        'Nothing was done: the database is away, so nobody can tell whether this session has been signed out.',
      retryAfter: 5,
      cause,
    })
  }
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
