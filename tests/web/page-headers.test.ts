import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildServer } from '../../src/web/server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { contextOf } from './context.ts'
import { formIn } from './person.ts'

let service: TestService
let plain: FastifyInstance
let secure: FastifyInstance

beforeAll(async () => {
  service = await startTestService()
  plain = await buildServer(contextOf(service, {}))
  secure = await buildServer(contextOf(service, { publicUrl: 'https://budget.example.org' }))
})
afterAll(async () => {
  await Promise.all([plain.close(), secure.close()])
  await service.close()
})

const submit = async (app: FastifyInstance) => {
  const { fields } = formIn((await app.inject('/')).body)
  fields.set('allocation[health]', '100').set('remember', 'yes')
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return app.inject({
    method: 'POST',
    url: '/',
    headers,
    payload: new URLSearchParams([...fields]).toString(),
  })
}

describe.each(['/', '/results', '/trends', '/history', '/nowhere', '/polls/none', '/assets/style.css'])(
  '%s',
  (url) => {
    test('allows nothing but our own styles, scripts and forms', async () => {
      const { headers } = await plain.inject({ url, headers: { accept: 'text/html' } })
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' })
      expect(headers).not.toHaveProperty('strict-transport-security')
    })
  },
)

test('by https, browsers are told to stay with it and cookies go no other way', async () => {
  expect((await secure.inject('/')).headers['strict-transport-security']).toMatch(/max-age=31536000/)
  for (const { secure: only } of (await submit(secure)).cookies as { secure?: boolean }[])
    expect(only).toBe(true)
  for (const { secure: only } of (await submit(plain)).cookies as { secure?: boolean }[])
    expect(only).toBeFalsy()
})

test.each(['/', '/history/forget'])('%s takes nothing that a page of another site sends', async (url) => {
  const answer = (site: string) =>
    plain.inject({
      method: 'POST',
      url,
      headers: { 'sec-fetch-site': site, 'content-type': 'application/x-www-form-urlencoded' },
    })
  const refused = await answer('cross-site')
  expect(refused.statusCode).toBe(400)
  expect(refused.cookies).toEqual([])
  expect((await answer('same-origin')).statusCode).not.toBe(400)
})

test('styles and scripts are named by their contents and kept for ever', async () => {
  const { body } = await plain.inject('/')
  const addresses = [...body.matchAll(/"(\/assets\/[^"]+\?v=[^"]+)"/g)].map(([, address]) => address!)
  expect(addresses).toHaveLength(4)
  for (const url of addresses) {
    const { statusCode, headers } = await plain.inject({ url })
    expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
  }
})

test('pages are compressed for who can read it, and caches know that', async () => {
  for (const encoding of ['br', 'gzip']) {
    const { headers } = await plain.inject({ url: '/results', headers: { 'accept-encoding': encoding } })
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'accept-encoding, accept-language'])
  }
})

test('the API does not pay for any of it', async () => {
  const { headers } = await plain.inject({ url: '/api/polls', headers: { 'accept-encoding': 'br' } })
  expect(headers).not.toHaveProperty('content-security-policy')
  expect(headers).not.toHaveProperty('content-encoding')
})
