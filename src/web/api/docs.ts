import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { sharedForMinutes } from '../cache-control.ts'
import { transportSecurity } from '../pages/security-headers.ts'

/** Nothing of a third party; the page's own style elements are the only inline code. */
const contentSecurityPolicy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

/** The description at /openapi.json, and for people at /docs. */
export async function docs(app: FastifyInstance, { publicUrl }: { publicUrl: string }): Promise<void> {
  let description = ''
  app.addHook('onReady', async () => {
    description = JSON.stringify(app.swagger())
  })
  app.get('/openapi.json', { schema: { hide: true } }, (_, reply) => {
    reply.header('cache-control', sharedForMinutes).type('application/json; charset=utf-8').send(description)
  })
  await app.register(async (pages) => {
    pages.addHook('onSend', async (_, reply) => {
      reply.headers({ 'x-content-type-options': 'nosniff', ...transportSecurity(publicUrl) })
      if (reply.statusCode < 400) reply.header('cache-control', sharedForMinutes)
    })
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: contentSecurityPolicy,
      theme: { title: 'taxbudget: the API' },
      // Trying out takes one press more: submissions made here count.
      uiConfig: { validatorUrl: null, deepLinking: true, tryItOutEnabled: false },
    })
  })
}
