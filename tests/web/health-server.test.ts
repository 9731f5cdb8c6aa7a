import { expect, it, onTestFinished } from 'vitest'
import { Metrics } from '../../src/metrics/metrics.ts'
import { Readiness } from '../../src/readiness.ts'
import { buildHealthServer } from '../../src/web/health-server.ts'

function given(readiness = new Readiness()) {
  const app = buildHealthServer({ metrics: new Metrics(), readiness, logLevel: 'silent' })
  onTestFinished(() => app.close())
  return app
}

it('answers /livez without asking anything, /readyz and /metrics', async () => {
  const readiness = new Readiness()
  const ask = () => expect.fail('liveness has asked')
  readiness.add({ role: 'relay', parts: { bus: async () => ask() }, needs: 'all' })
  const app = given(readiness)
  const alive = await app.inject('/livez')
  expect([alive.statusCode, alive.json(), alive.headers['cache-control']]).toEqual([
    200,
    { alive: true },
    'no-store',
  ])
  const metrics = await app.inject('/metrics')
  expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=/)
  expect(metrics.body).toContain('taxbudget_projector_active 0')
  const ready = await app.inject('/readyz')
  expect([ready.statusCode, ready.json().checks[0].detail]).toEqual([503, 'liveness has asked'])
})

it.each([
  ['GET', '/', 404, 'NOT_FOUND'],
  ['GET', '/results', 404, 'NOT_FOUND'],
  ['GET', '/api/polls', 404, 'NOT_FOUND'],
  ['POST', '/api/polls/us-federal/submissions', 404, 'NOT_FOUND'],
  ['GET', '/%zz', 400, 'MALFORMED_REQUEST'],
  ['POST', '/readyz', 405, 'METHOD_NOT_ALLOWED'],
] as const)('answers %s %s with a problem, to people too', async (method, url, status, code) => {
  const headers = { accept: 'text/html', 'content-type': 'application/json' }
  const body = method === 'POST' ? { body: '{' } : {}
  const answer = await given().inject({ method, url, headers, ...body })
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.json()).toMatchObject({ status, code })
})
