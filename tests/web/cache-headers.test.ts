/** What every route lets caches keep: each one that is added has to say so here. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { neverStored, sharedBriefly, sharedForGood, sharedForMinutes } from '../../src/web/cache-control.ts'
import { buildServer } from '../../src/web/server.ts'
import { root } from '../project-files.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { submit } from './api-client.ts'
import { addressOf, cachedRoutes, type Kept } from './cached-routes.ts'
import { contextOf } from './context.ts'
import { Person } from './person.ts'

interface Route {
  readonly url: string
  readonly method: string | readonly string[]
}

let service: TestService
let app: FastifyInstance
/** As the program registers them. */
const routes: Route[] = []
let submission: string
let asset: string
/** Of somebody who has filled in the form, submitted, and been seen. */
let cookie: string

const collect = (message: unknown) =>
  (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', (route) => {
    routes.push({ url: route.url, method: route.method })
  })

beforeAll(async () => {
  service = await startTestService()
  const own = await submit(service.url)
  ;({ submission } = own)
  subscribe('fastify.initialization', collect)
  app = await buildServer(contextOf(service, {}))
  await app.ready()
  unsubscribe('fastify.initialization', collect)
  const form = await new Person(service.url).get('/')
  asset = /"(\/assets\/[^"]+\?v=[^"]+)"/.exec(form.html)![1]!
  cookie = `${form.headers.getSetCookie()[0]!.split(';')[0]}; receipt=${own.submission}.${own.receipt}`
})
afterAll(async () => {
  await app.close()
  await service.close()
})

const headersOf: Readonly<Record<Kept, RegExp>> = {
  briefly: new RegExp(`^${sharedBriefly}$`),
  minutes: new RegExp(`^${sharedForMinutes}$`),
  good: new RegExp(`^${sharedForGood}$`),
  asked: /^public, no-cache$/,
  own: /^private, no-cache$/,
  // A refusal of the API, and what says how the process is, are for nobody either.
  never: new RegExp(`^(${neverStored}|no-store)$`),
}

const withParameters = ({ url }: { url: string }) => addressOf(url, submission, asset)
const takes = ({ method }: Route, ...methods: string[]) =>
  [method].flat().some((each) => methods.includes(each))

test('every address that can be read is in the table, and every one of the table can be read', () => {
  const read = new Set(routes.filter((route) => takes(route, 'GET')).map(({ url }) => url))
  expect([...read].sort()).toEqual([...cachedRoutes.keys()].sort())
})

test('docs/edge.md tells of every one', () => {
  const told = readFileSync(join(root, 'docs', 'edge.md'), 'utf8')
  const said = [...cachedRoutes.keys()]
    .map((route) => route.replace(/^\/polls\/:poll(?=\/)/, '').replace(/:(\w+)/g, '{$1}'))
    // Parts of what is told as a whole.
    .map((route) =>
      route.replace(/^\/docs\/static\/.*/, '/docs/static/*').replace('/operator/*', '/operator'),
    )
    .map((route) => route.replace(/\/revise\/.*/, '/revise'))
  for (const route of said) expect(told).toContain(`\`${route}\``)
  for (const policy of [sharedBriefly, sharedForGood, sharedForMinutes, neverStored])
    expect(told).toContain(`\`${policy}\``)
})

describe.each([...cachedRoutes])('%s', (url, { kept }) => {
  test(`is kept as ${kept} says, whoever asks`, async () => {
    const answers = [{}, { cookie }].map((headers) => app.inject({ url: withParameters({ url }), headers }))
    for (const { headers } of await Promise.all(answers)) {
      expect(headers['cache-control']).toMatch(headersOf[kept])
    }
  })

  test('if it may be shared: is the same for everybody, sets no cookie and depends on nothing else', async () => {
    if (!String(headersOf[kept]).includes('public')) return
    const ask = (headers: Record<string, string>) => app.inject({ url: withParameters({ url }), headers })
    // One after the other: an address gets two whole exports at once, and no third.
    const nobody = await ask({})
    const somebody = await ask({ cookie })
    const from = {
      referer: `${service.url}/results`,
      'user-agent': 'Another',
      'x-forwarded-for': '203.0.113.7',
    }
    const comingFrom = await ask(from)
    for (const { rawPayload, headers, statusCode } of [nobody, somebody, comingFrom]) {
      expect(statusCode).toBe(nobody.statusCode)
      expect(rawPayload.equals(nobody.rawPayload)).toBe(true)
      expect(headers).not.toHaveProperty('set-cookie')
      const names = String(headers.vary ?? '').split(/\s*,\s*/)
      for (const name of names) expect(['', 'accept', 'accept-encoding', 'accept-language']).toContain(name)
      // Caches that do not look at Vary are told so: they could show everybody what one has chosen.
      const isChosen = names.includes('accept') || names.includes('accept-language')
      expect(headers['cloudflare-cdn-cache-control']).toBe(isChosen ? 'no-store' : undefined)
    }
  })
})

test('what is sent is answered to its sender alone, taken or refused', async () => {
  const sent = routes.flatMap((route) =>
    ['POST', 'PUT', 'DELETE']
      .filter((method) => takes(route, method))
      .map((method) => ({ ...route, method })),
  )
  expect(sent.length).toBeGreaterThan(15)
  for (const { url, method } of sent) {
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const headers = { 'content-type': type, cookie }
      const payload = type.endsWith('json') ? '{}' : 'token=none'
      const answer = await app.inject({ method, url: withParameters({ url }), headers, payload })
      expect(String(answer.headers['cache-control']), `${method} ${url}`).toMatch(headersOf.never)
    }
  }
})

test.each([
  ['/results?asOf=yesterday', 422],
  ['/polls/none/results', 404],
  ['/api/polls/none/results', 404],
  ['/api/polls/us-federal/results?tier=replay', 401],
  ['/api/polls/us-federal/results?position=999999', 404],
  ['/embed/polls/none', 404],
  ['/assets/none.css', 404],
  ['/nowhere', 404],
])('a refusal is kept by nobody: %s', async (url, status) => {
  const { statusCode, headers } = await app.inject({ url })
  expect(headers['cache-control']).toMatch(headersOf.never)
  expect(statusCode).toBe(status)
})

test('an old position is kept for good; as of a time alone, briefly', async () => {
  const { headers } = await app.inject('/api/polls/us-federal/results')
  const { position } = (await app.inject('/api/polls/us-federal/results')).json() as { position: string }
  expect(headers['cache-control']).toMatch(headersOf.briefly)
  const past = await app.inject(`/api/polls/us-federal/results?position=${position}`)
  expect(past.headers['cache-control']).toMatch(headersOf.good)
  const asOf = await app.inject(`/api/polls/us-federal/results?asOf=${new Date().toISOString()}`)
  expect(asOf.headers['cache-control']).toMatch(headersOf.briefly)
})

test('a style or script under another name than its contents have is asked for each time', async () => {
  const { headers } = await app.inject('/assets/style.css')
  expect(headers['cache-control']).toMatch(headersOf.asked)
})
