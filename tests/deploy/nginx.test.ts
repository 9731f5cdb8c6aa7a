/** infra/nginx/taxbudget.conf in a real nginx, in front of servers that break off at the worst moment. */
import { once } from 'node:events'
import { createServer as createHttpServer, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { NginxServer } from '../support/nginx-server.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask } from '../web/api-client.ts'

interface Seen {
  readonly request: IncomingMessage
  readonly body: string
}

let nginx: NginxServer
let ending: Server
let serving: Server
/** What was said to the one that breaks off, once. */
let broken: string[]
let seen: Seen[]

/** Takes a request, and is gone before it has answered: as one does whose process ends at that moment. */
const breaksOff = () =>
  createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (data) => {
      broken.push(data.toString())
      socket.resetAndDestroy()
    })
  })

const serves = () =>
  createHttpServer(async (request, response) => {
    seen.push({ request, body: await text(request) })
    response.end('answered')
  })

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  ;[ending, serving] = [breaksOff(), serves()]
  const places = [await portOf(ending), await portOf(serving), await quietPort()] as const
  // One that broke off is tried again at once, so that nobody waits for it.
  const change = (settings: string) => settings.replaceAll('max_fails=1', 'max_fails=0')
  nginx = await NginxServer.start(places, { change })
})
afterAll(async () => {
  await nginx.close()
  ending.close()
  serving.close()
})
beforeEach(() => {
  ;[broken, seen] = [[], []]
})

const key = { 'idempotency-key': 'once' }
const submissions = '/api/polls/us-federal/submissions'

/** Sends until it has met the one that breaks off. @returns that answer's status */
async function meetTheBroken(method: string, path: string, headers: Record<string, string>): Promise<number> {
  for (;;) {
    const { status } = await ask(nginx.url + path, {
      method,
      headers,
      ...(method !== 'GET' && { body: 'x=1' }),
    })
    if (broken.length > 0) return status
    seen = []
  }
}

describe('a process that ends at the moment at which it is sent a request', { timeout: 60_000 }, () => {
  it.each([
    ['GET', '/results', {}],
    ['POST', submissions, key],
    ['POST', '/', {}],
    ['POST', '/es/', {}],
    ['POST', '/en', {}],
    ['POST', '/polls/us-federal', {}],
    ['POST', '/es/polls/us-federal', {}],
    ['PUT', '/api/submissions/0', {}],
  ])('%s %s %j: the next one answers it, with the same body', async (method, path, headers) => {
    expect(await meetTheBroken(method, path, headers)).toBe(200)
    expect(seen.map(({ request, body }) => [request.method, request.url, body])).toEqual([
      [method, path, method === 'GET' ? '' : 'x=1'],
    ])
  })

  it.each([
    ['POST', submissions, {}],
    ['POST', '/operator/polls', key],
    ['POST', '/edit', {}],
  ])('%s %s %j: it is not sent twice, for it might count twice', async (method, path, headers) => {
    expect(await meetTheBroken(method, path, headers)).toBe(502)
    expect(seen).toEqual([])
  })
})

it('figures are for this machine’s own address, and for nobody from elsewhere', async () => {
  const from = async (localAddress: string) => {
    const request = get(`${nginx.url}/metrics`, { localAddress, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  expect(await from('127.0.0.2')).toBe(403)
  await expect.poll(() => from('127.0.0.1')).toBe(200)
})

it('a request comes through as it was sent, with what the program wants to know of its way', async () => {
  const headers = { 'accept-language': 'es-MX,es;q=0.8', 'x-forwarded-for': '203.0.113.7' }
  while (seen.length === 0) await ask(`${nginx.url}/results?bloc=10`, { headers })
  const [{ request }] = seen as [Seen]
  expect(request.url).toBe('/results?bloc=10')
  expect(request.headers).toMatchObject({
    host: new URL(nginx.url).host,
    'accept-language': 'es-MX,es;q=0.8',
    'x-forwarded-for': '203.0.113.7, 127.0.0.1',
    'x-forwarded-proto': 'http',
  })
  expect(request.headers).not.toHaveProperty('upgrade')
  expect(request.httpVersion).toBe('1.1')
  expect(request.headers.connection).not.toBe('close')
})
