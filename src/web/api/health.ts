import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { ReadinessCheck, WebContext } from '../context.ts'
import { described } from './described.ts'

/** A check that has not answered by then has failed. */
const DEADLINE_MS = 3000

const livezOperation = {
  tags: ['Operation'],
  operationId: 'livez',
  summary: 'Whether the process answers',
  response: { 200: z.object({ alive: z.literal(true) }).describe('It answers') },
}

const Readiness = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string().optional() })),
})

const readyzOperation = {
  tags: ['Operation'],
  operationId: 'readyz',
  summary: 'Whether everything that it leans on can be used',
  response: {
    200: Readiness.describe('Everything can be used'),
    503: Readiness.describe('The failing checks have `ready: false`'),
  },
}

const metricsOperation = {
  tags: ['Operation'],
  operationId: 'metrics',
  summary: 'Figures for Prometheus',
  response: { 200: z.string().describe('Prometheus text format') },
}

/** For load balancers and operators. */
export function healthRoutes(app: FastifyInstance, { context }: { context: WebContext }): void {
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
    const checks = await checksInTime(context)
    const ready = checks.every((check) => check.ready)
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, checks })
  })
}

async function checksInTime({ readiness }: WebContext): Promise<readonly ReadinessCheck[]> {
  const failed = (detail: string): ReadinessCheck[] => [{ name: 'readiness', ready: false, detail }]
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<ReadinessCheck[]>((resolve) => {
    timer = setTimeout(() => resolve(failed(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  const checks = readiness().catch(() => failed('the checks themselves failed'))
  return Promise.race([checks, late]).finally(() => clearTimeout(timer))
}
