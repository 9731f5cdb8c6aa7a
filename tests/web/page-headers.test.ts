import { createHash } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowFraming, securityHeaders } from '../../src/web/pages/security-headers.ts'
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
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()'),
        'x-frame-options': 'DENY',
      })
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

/** Scripts and styles of a page, as they stand in its head. */
const tagsIn = (html: string): string[] =>
  html.match(/<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*>/g) ?? []

describe('scripts and styles', () => {
  test.each(['/', '/history', '/nowhere', '/es/nowhere'])(
    'of %s, which is never stored, run by a nonce of this answer alone',
    async (url) => {
      const nonces = await Promise.all(
        [1, 2].map(async () => {
          const { body, headers } = await plain.inject({ url, headers: { accept: 'text/html' } })
          expect(headers['cache-control']).toContain('no-store')
          const policy = String(headers['content-security-policy'])
          const nonce = /script-src 'nonce-([\w-]{22})'; style-src 'nonce-([\w-]{22})'/.exec(policy)!
          expect(nonce[1]).toBe(nonce[2])
          expect(policy).not.toMatch(/(script|style)-src 'self'/)
          expect(tagsIn(body)).not.toEqual([])
          for (const tag of tagsIn(body)) expect(tag).toContain(`nonce="${nonce[1]}"`)
          return nonce[1]
        }),
      )
      expect(new Set(nonces).size).toBe(2)
    },
  )

  test.each(['/results', '/es/trends'])('of %s, which caches share, bear none', async (url) => {
    const { body, headers } = await plain.inject({ url })
    expect(String(headers['content-security-policy'])).toContain("script-src 'self'; style-src 'self'")
    expect(tagsIn(body)).not.toEqual([])
    expect(body).not.toContain('nonce')
  })

  test('are named by their contents and kept for ever', async () => {
    const { body } = await plain.inject('/')
    const addresses = [...body.matchAll(/"(\/assets\/[^"]+\?v=[^"]+)"/g)].map(([, address]) => address!)
    expect(addresses.length).toBeGreaterThanOrEqual(4)
    for (const url of addresses) {
      const { statusCode, headers } = await plain.inject({ url })
      expect([statusCode, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
    }
  })

  test('are what the page says they are', async () => {
    const { body } = await plain.inject('/')
    const named = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)" integrity="sha384-([^"]+)"/g)]
    expect(named.length).toBe(body.match(/<script|modulepreload/g)!.length)
    for (const [, url, hash] of named) {
      const { rawPayload } = await plain.inject({ url: url! })
      expect(createHash('sha384').update(rawPayload).digest('base64')).toBe(hash)
    }
  })

  test('import each other by the addresses that the page preloads', async () => {
    const { body } = await plain.inject('/')
    const preloaded = [...body.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, url]) => url!)
    const scripts = [...body.matchAll(/<script [^>]*src="([^"]+)"/g)].map(([, url]) => url!)
    const sources = await Promise.all([...scripts, ...preloaded].map((url) => plain.inject({ url })))
    const imported = sources.flatMap((each) =>
      [...each.body.matchAll(/from '([^']+)'/g)].map(([, url]) => url!),
    )
    expect(preloaded).not.toEqual([])
    expect([...new Set(imported)].sort()).toEqual(preloaded.sort())
  })

  test('under another version’s name are kept by nobody, and asked again by their tag', async () => {
    for (const url of ['/assets/style.css', '/assets/style.css?v=other']) {
      const { statusCode, headers } = await plain.inject({ url })
      expect([statusCode, headers['cache-control']]).toEqual([200, 'public, no-cache'])
      const again = await plain.inject({ url, headers: { 'if-none-match': headers.etag as string } })
      expect([again.statusCode, again.body]).toEqual([304, ''])
    }
  })

  test('are one stylesheet of all, its base first and print last', async () => {
    const { body, headers } = await plain.inject('/assets/style.css')
    expect(headers['content-type']).toBe('text/css; charset=utf-8')
    expect(body.startsWith(':root{')).toBe(true)
    expect(body.lastIndexOf('@media print')).toBeGreaterThan(body.lastIndexOf('@media (min-width'))
    expect(body).not.toContain('/*')
  })
})

test('only what says so may be framed, and nothing is sent from there', async () => {
  const app = fastify()
  app.get('/', (_, reply) => {
    reply.headers(securityHeaders)
    allowFraming(reply)
    return 'framed'
  })
  const { headers } = await app.inject('/')
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain('frame-ancestors *')
  expect(policy).toContain("form-action 'none'")
  expect(headers).not.toHaveProperty('x-frame-options')
})

test('pages are compressed for who can read it, and caches know that', async () => {
  for (const encoding of ['br', 'gzip']) {
    const { headers } = await plain.inject({ url: '/results', headers: { 'accept-encoding': encoding } })
    expect([headers['content-encoding'], headers.vary]).toEqual([
      encoding,
      'accept-encoding, accept-language',
    ])
  }
})

test('the API does not pay for any of it', async () => {
  const { headers } = await plain.inject({ url: '/api/polls', headers: { 'accept-encoding': 'br' } })
  expect(headers).not.toHaveProperty('content-security-policy')
  expect(headers).not.toHaveProperty('content-encoding')
})
