/** How pages of results are made: once for all who look, compressed once, and light. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, ResultsQuery } from '../../src/queries/results.ts'
import { buildServer } from '../../src/web/server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { contextOf } from './context.ts'
import { submitFive } from './five-submissions.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService()
  await submitFive(service)
})
afterAll(() => service.close())

describe('rendering', () => {
  let app: FastifyInstance
  let answer: Answer
  /** How often somebody asked for results. */
  let asked = 0
  beforeAll(async () => {
    answer = await service.services.results.results('us-federal')
    const results: ResultsQuery = {
      ...contextOf(service, {}).results,
      polls: () => service.services.results.polls(),
      poll: (poll) => service.services.results.poll(poll),
      results: async () => {
        asked++
        return answer
      },
    }
    app = await buildServer(contextOf(service, { results }))
  })
  afterAll(() => app.close())

  const get = (url: string, encoding?: string) =>
    app.inject({ url, headers: encoding === undefined ? {} : { 'accept-encoding': encoding } })

  test('is done once for a snapshot, and each encoding once', async () => {
    let renders = 0
    const definition = { ...answer.aggregate.definition }
    answer = {
      ...answer,
      aggregate: {
        ...answer.aggregate,
        get definition() {
          renders++
          return definition
        },
      },
    }
    await get('/results', 'br')
    const once = renders
    expect(once).toBeGreaterThan(0)
    const pages = await Promise.all(
      Array.from({ length: 200 }, (_, i) => get('/results', i % 2 ? 'br' : 'gzip')),
    )
    expect(renders).toBe(once)
    expect(new Set(pages.map(({ rawPayload }) => rawPayload.toString('base64'))).size).toBe(2)
  })

  test('gives the same page in every encoding, and says so to caches', async () => {
    const [plain, br, gzip] = await Promise.all([
      get('/results'),
      get('/results', 'gzip, br'),
      get('/results', 'gzip'),
    ])
    expect([plain, br, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([
      undefined,
      'br',
      'gzip',
    ])
    expect(brotliDecompressSync(br.rawPayload).equals(plain.rawPayload)).toBe(true)
    expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload)).toBe(true)
    for (const { headers, rawPayload } of [plain, br, gzip]) {
      expect(headers.vary).toBe('accept-encoding, accept-language')
      expect(Number(headers['content-length'])).toBe(rawPayload.length)
    }
  })

  test('asks for results a hundred times a second at most, however many look', async () => {
    const before = asked
    const started = performance.now()
    for (let i = 0; i < 300; i++) await get('/results', 'br')
    expect(asked - before).toBeLessThanOrEqual((performance.now() - started) / 10 + 1)
  })

  test('weighs less than 60 kB in all, compressed', async () => {
    const page = await get('/results', 'br')
    const html = brotliDecompressSync(page.rawPayload).toString()
    const assets = new Set([...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url!))
    expect(assets.size).toBeGreaterThanOrEqual(2)
    const bodies = await Promise.all([...assets].map((url) => get(url, 'br')))
    const weight = [page, ...bodies].reduce((sum, { rawPayload }) => sum + rawPayload.length, 0)
    expect(weight).toBeLessThan(60_000)
  })
})

test('a server without plugins is not what compresses: the page brings its own bytes', async () => {
  const app = fastify()
  const { RenderedPage, sendRendered } = await import('../../src/web/pages/rendered-page.ts')
  const page = new RenderedPage('<p>é</p>')
  app.get('/', (request, reply) => sendRendered(request, reply, page))
  const { headers, rawPayload } = await app.inject({
    url: '/',
    headers: { 'accept-encoding': 'identity;q=1, br;q=0' },
  })
  expect([headers['content-encoding'], rawPayload.toString()]).toEqual([undefined, '<p>é</p>'])
  await app.close()
})
