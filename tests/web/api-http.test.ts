import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectProblem } from './api-client.ts'
import { askRaw, converse } from './raw-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
  await eventually(async () => expect((await ask(`${service.url}/api/polls/us-federal`)).status).toBe(200))
})
afterAll(() => service.close())

describe('an address', () => {
  it.each(['/api', '/api/', '/api/nope', '/api/polls/us-federal/results/', '/api//polls'])(
    '%s leads nowhere',
    async (path) => {
      expectProblem(await ask(service.url + path), 'NOT_FOUND')
      expectProblem(await ask(service.url + path, { method: 'POST', body: '{' }), 'NOT_FOUND')
    },
  )

  it('with a broken escape is told so', async () => {
    for (const path of ['/api/%zz', '/api/polls/%ff', '/api/submissions/%'])
      expectProblem(await askRaw(service.url, { method: 'GET', path }), 'MALFORMED_REQUEST')
  })

  it('that is far too long is told so', async () => {
    expectProblem(await ask(`${service.url}/api/polls/${'a'.repeat(1000)}`), 'NOT_FOUND')
    expectProblem(await ask(`${service.url}/api/polls/${'a'.repeat(20_000)}`), 'MALFORMED_REQUEST')
  })

  it('outside the API gives JSON to programs and a page to people', async () => {
    const url = `${service.url}/nope`
    expectProblem(await ask(url, { headers: { accept: 'application/json' } }), 'NOT_FOUND')
    const page = await ask(url, { headers: { accept: 'text/html,application/json;q=0.5' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  })
})

describe('a method', () => {
  it.each([
    ['OPTIONS', '/api/polls', 'GET, HEAD'],
    ['DELETE', '/api/polls/us-federal', 'GET, HEAD'],
    ['POST', '/api/polls/us-federal/results', 'GET, HEAD'],
    ['PUT', '/api/polls/us-federal/submissions', 'GET, HEAD, POST'],
    ['PATCH', '/api/submissions/x', 'DELETE, GET, HEAD, PUT'],
    ['PROPFIND', '/api/polls', 'GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
  ])('%s on %s is refused, naming %s', async (method, path, allowed) => {
    const answer = await ask(service.url + path, { method, headers: { accept: 'application/json' } })
    expectProblem(answer, 'METHOD_NOT_ALLOWED')
    expect(answer.headers.get('allow')).toBe(allowed)
  })

  it('HEAD tells all that GET does, but the body', async () => {
    for (const path of ['/api/polls', '/api/polls/us-federal/results', '/openapi.json', '/livez']) {
      const [head, get] = [await ask(service.url + path, { method: 'HEAD' }), await ask(service.url + path)]
      expect([head.status, head.text]).toEqual([200, ''])
      for (const name of ['content-type', 'content-length', 'etag', 'cache-control'])
        expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
  })
})

describe('what is not HTTP as it should be', () => {
  const request =
    'POST /api/polls/us-federal/submissions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'

  it.each([
    ['nonsense', 'nonsense\r\n\r\n'],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a length that is none', `${request}Content-Length: x\r\n\r\n`],
    ['two lengths', `${request}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'a length and chunks, as smugglers do',
      `${request}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a body that ends too soon', `${request}Content-Length: 100\r\n\r\n{`],
    ['a broken chunk', `${request}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a header without end', `${request}X: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('given %s, is answered 400 and cut off', async (_, text) => {
    const received = await converse(service.url, Buffer.from(text, 'latin1'))
    expect(received).toMatch(/^HTTP\/1\.1 400 /)
    expect(received).toContain('application/problem+json')
    expect(received).toContain('"code":"MALFORMED_REQUEST"')
  })

  it('given an expectation that nobody knows, answers as without it', async () => {
    const answer = await askRaw(service.url, {
      method: 'GET',
      path: '/api/polls',
      headers: { expect: 'wonders' },
    })
    expect(answer.status).toBe(200)
  })
})
