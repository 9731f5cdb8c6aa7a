import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Metrics } from '../../metrics/metrics.ts'
import type { Readiness } from '../../readiness.ts'
import { described } from './described.ts'

export interface HealthContext {
  readonly metrics: Metrics
  readonly readiness: Readiness
}

/** Seconds until it is worth asking again. */
const RETRY_AFTER = 5

const livezOperation = {
  tags: ['Operation'],
  operationId: 'livez',
  summary: 'Whether the process answers',
  response: { 200: z.object({ alive: z.literal(true) }).describe('It answers') },
}

const Report = z.object({
  ready: z.boolean(),
  checks: z.array(
    z.object({
      role: z.string().describe('The role that leans on it'),
      name: z.string(),
      ready: z.boolean(),
      detail: z.string().optional(),
    }),
  ),
})

const readyzOperation = {
  tags: ['Operation'],
  operationId: 'readyz',
  summary: 'Whether each of its roles has what it needs',
  description:
    'The web role needs the event log or the results: with either it has something to serve. The others need all that they name. While the process ends, or while the database has a schema that it cannot use, it is not ready.',
  response: {
    200: Report.describe('It may be sent work, even if a check has `ready: false`'),
    503: Report.describe('The failing checks have `ready: false`'),
  },
}

const metricsOperation = {
  tags: ['Operation'],
  operationId: 'metrics',
  summary: 'Figures for Prometheus',
  response: { 200: z.string().describe('Prometheus text format') },
}

/** For load balancers and operators, in every process. */
export function healthRoutes(app: FastifyInstance, { context }: { context: HealthContext }): void {
  app.get('/livez', described(livezOperation), (_, reply) => {
    reply.header('cache-control', 'no-store').send({ alive: true })
  })
  app.get('/metrics', described(metricsOperation), async (_, reply) => {
    const { metrics } = context
    return reply
      .type(metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.text())
  })
  app.get('/readyz', described(readyzOperation), async (_, reply) => {
    const report = await context.readiness.report()
    if (!report.ready) reply.code(503).header('retry-after', String(RETRY_AFTER))
    return reply.header('cache-control', 'no-store').send(report)
  })
}
