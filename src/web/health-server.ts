import type { FastifyInstance } from 'fastify'
import { type HealthContext, healthRoutes } from './api/health.ts'
import { baseServer } from './base-server.ts'
import { answerProblem } from './error-handlers.ts'

/** What a process without the web role answers: how it is, and a problem for everything else. Not yet listening. */
export function buildHealthServer(context: HealthContext & { readonly logLevel: string }): FastifyInstance {
  const { logLevel, metrics } = context
  const app = baseServer({ trustProxy: false, logLevel, answerError: answerProblem, metrics })
  healthRoutes(app, { context })
  return app
}
