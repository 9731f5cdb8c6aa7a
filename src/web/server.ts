import type { FastifyInstance } from 'fastify'
import { api } from './api/plugin.ts'
import { baseServer } from './base-server.ts'
import type { WebContext } from './context.ts'
import { answerError } from './error-handlers.ts'
import { isLiveHandshake } from './live/upgrades.ts'
import { withoutLanguage } from './locale.ts'
import { operatorConsole } from './operator/plugin.ts'
import { pages } from './pages/plugin.ts'
import { transportSecurity } from './pages/security-headers.ts'

/** The whole web role, not yet listening. */
export async function buildServer(context: WebContext): Promise<FastifyInstance> {
  const { trustProxy, logLevel, metrics, publicUrl } = context
  const app = baseServer({
    ...{ trustProxy, logLevel, metrics },
    answerError: (error, request, reply) =>
      answerError(error, request, reply.headers(transportSecurity(publicUrl))),
    isUpgrade: isLiveHandshake,
    rewriteUrl: ({ url = '/' }) => withoutLanguage(url),
  })
  await app.register(api, { context })
  await app.register(pages, { context })
  await app.register(operatorConsole, { context })
  return app
}
