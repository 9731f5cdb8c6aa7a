import swagger from '@fastify/swagger'
import type { FastifyPluginAsync } from 'fastify'
import type { WebContext } from '../context.ts'
import { docs } from './docs.ts'
import { healthRoutes } from './health.ts'
import { takeJson } from './json-body.ts'
import { liveRoute } from './live.ts'
import { openApiOptions } from './openapi.ts'
import { openOperatorGate } from './operator.ts'
import { operatorRoutes } from './operator-routes.ts'
import { ownSubmissionRoutes } from './own-submission.ts'
import { pollRoutes } from './polls.ts'
import { resultsRoute } from './results.ts'
import { submissionRoute } from './submission.ts'
import { submissionsRoute } from './submissions.ts'
import { submitRoute } from './submit.ts'
import { trendsRoute } from './trends.ts'

/** The API and its description. */
export const api: FastifyPluginAsync<{ context: WebContext }> = async (app, { context }) => {
  takeJson(app)
  await app.register(swagger, openApiOptions)
  healthRoutes(app, { context })
  await app.register(
    async (routes) => {
      const gate = await openOperatorGate(routes, context.operatorToken)
      pollRoutes(routes, { context })
      submitRoute(routes, { context })
      submissionRoute(routes, { context })
      submissionsRoute(routes, { context })
      ownSubmissionRoutes(routes, { context })
      resultsRoute(routes, { context, gate })
      liveRoute(routes, { context })
      trendsRoute(routes, { context })
      operatorRoutes(routes, { context, gate })
    },
    { prefix: '/api' },
  )
  await app.register(docs, { publicUrl: context.publicUrl })
}
