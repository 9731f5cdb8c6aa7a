/** The error table, the API and its description say the same. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ProblemCode, problems } from '../../src/errors.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask } from './api-client.ts'

interface Operation {
  readonly operationId: string
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}
interface Schema {
  readonly properties: { status: { enum: number[] }; code: { enum: ProblemCode[] } }
  readonly examples?: unknown[]
}
interface Description {
  readonly openapi: string
  readonly info: { description: string }
  readonly paths: Record<string, Record<string, Operation>>
}

let service: TestService
let description: Description
beforeAll(async () => {
  service = await startTestService()
  description = (await ask(`${service.url}/openapi.json`)).json as Description
})
afterAll(() => service.close())

const operations = () => Object.values(description.paths).flatMap((path) => Object.values(path))

/** Status and schema of every refusal that is described. */
const refusals = () =>
  operations().flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) => {
      const schema = content?.['application/problem+json']?.schema
      return schema ? [{ status: Number(status), schema }] : []
    }),
  )

it('is OpenAPI 3.1 with every operation of the API', () => {
  expect(description.openapi).toBe('3.1.0')
  const all = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  expect(all.sort()).toEqual([
    'delete /api/submissions/{submission}',
    'get /api/operator/parked',
    'get /api/polls',
    'get /api/polls/{poll}',
    'get /api/polls/{poll}/live',
    'get /api/polls/{poll}/results',
    'get /api/polls/{poll}/submissions',
    'get /api/polls/{poll}/trends',
    'get /api/submissions/{submission}',
    'get /livez',
    'get /metrics',
    'get /readyz',
    'post /api/operator/exclusions',
    'post /api/operator/parked/retry',
    'post /api/operator/parked/skip',
    'post /api/operator/polls/{poll}/close',
    'post /api/operator/polls/{poll}/reopen',
    'post /api/polls/{poll}/submissions',
    'put /api/submissions/{submission}',
  ])
  expect(new Set(operations().map(({ operationId }) => operationId)).size).toBe(all.length)
})

it('describes refusals with the statuses of the table, an example of each, and their meaning', () => {
  expect(refusals().length).toBeGreaterThan(20)
  for (const { status, schema } of refusals()) {
    expect(schema.properties.status.enum).toEqual([status])
    for (const code of schema.properties.code.enum) expect(problems[code].status).toBe(status)
  }
  for (const { responses } of operations())
    for (const { description } of Object.values(responses)) expect(description).not.toBe('Default Response')
})

it('explains every code of the table', () => {
  for (const [code, { status, title }] of Object.entries(problems))
    expect(description.info.description).toContain(`| \`${code}\` | ${status} | ${title} |`)
})

it('describes every code that the API can answer with', () => {
  // Told of addresses and methods that are no operations, or by the command line.
  const elsewhere = [
    'NOT_FOUND',
    'METHOD_NOT_ALLOWED',
    'TOO_MANY_REQUESTS',
    'POLL_OPEN',
    'POLL_EXISTS',
    // Told on pages of the console.
    'PROJECTION_NOT_FOUND',
    'BUILD_EXISTS',
    'NO_BUILD',
    'BUILD_NOT_READY',
    'NO_ROLLBACK',
    'STALE_PAGE',
  ]
  const described = new Set(refusals().flatMap(({ schema }) => schema.properties.code.enum))
  expect([...described, ...elsewhere].sort()).toEqual(Object.keys(problems).sort())
})

it('is shown to people on a page that asks no third party for anything', async () => {
  const page = await ask(`${service.url}/docs`)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
  const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!)
  expect(addresses.length).toBeGreaterThan(3)
  for (const address of addresses) {
    expect(address).toMatch(/^\/docs\//)
    expect((await ask(service.url + address)).status).toBe(200)
  }
})
