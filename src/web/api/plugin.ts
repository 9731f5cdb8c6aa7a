import swagger from '@fastify/swagger'
import type { FastifyPluginAsync } from 'fastify'
import type { WebContext } from '../context.ts'
import { docs } from './docs.ts'
import { healthRoutes } from './health.ts'
import { takeJson } from './json-body.ts'
import { openApiOptions } from './openapi.ts'
import { ownSubmissionRoutes } from './own-submission.ts'
import { pollRoutes } from './polls.ts'
import { resultsRoute } from './results.ts'
import { submissionRoute } from './submission.ts'
import { submitRoute } from './submit.ts'

/**
 * The API and its description. The routes' schemas describe; they are not run at each request: handlers check what
 * comes in, in the sender's terms, and tests hold what goes out to the schemas.
 */
export const api: FastifyPluginAsync<{ context: WebContext }> = async (app, { context }) => {
  app.setValidatorCompiler(() => (value) => ({ value }))
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  takeJson(app)
  await app.register(swagger, openApiOptions(context.publicUrl))
  healthRoutes(app, { context })
  await app.register(
    async (routes) => {
      pollRoutes(routes, { context })
      submitRoute(routes, { context })
      submissionRoute(routes, { context })
      ownSubmissionRoutes(routes, { context })
      resultsRoute(routes, { context })
    },
    { prefix: '/api' },
  )
  await app.register(docs)
}
