/** Whatever headers, addresses and bytes are sent: a refusal from the table or an answer, never a failure. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectAnswer } from './api-client.ts'
import { askRaw, converse } from './raw-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

const submissions = '/api/polls/us-federal/submissions'
const json = { 'content-type': 'application/json' }

/** What a header may hold at all. */
const headerValue = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((char) => char !== 0x7f),
    { maxLength: 300 },
  )
  .map((chars) => String.fromCharCode(...chars))

const headers = fc.dictionary(
  fc.constantFrom(
    'idempotency-key',
    'receipt',
    'if-none-match',
    'authorization',
    'accept',
    'accept-encoding',
    'accept-version',
    'range',
    'cookie',
    'origin',
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-http-method-override',
    'traceparent',
  ),
  headerValue,
)

const unknown = '/api/submissions/3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10'
const target = fc.constantFrom(
  ['GET', '/api/polls'],
  ['GET', '/api/polls/us-federal/results'],
  ['GET', '/api/polls/us-federal/results?tier=replay'],
  ['GET', '/api/polls/us-federal/trends'],
  ['HEAD', '/api/polls/us-federal/results'],
  ['GET', submissions],
  ['HEAD', submissions],
  ['GET', `${submissions}?format=csv&digest`],
  ['POST', submissions],
  ['PUT', unknown],
  ['DELETE', unknown],
  ['OPTIONS', '/api/polls'],
)

it('holds for any headers', () =>
  fc.assert(
    fc.asyncProperty(target, headers, async ([method, path], values) => {
      const body = Buffer.from(method === 'POST' ? '{"allocation":{"health":10000}}' : '')
      const sent = body.length > 0 ? { ...values, ...json } : values
      expectAnswer(await askRaw(service.url, { method: method!, path: path!, headers: sent, body }))
    }),
    { numRuns: 300 },
  ))

const part = fc.oneof(
  fc.constantFrom(
    'polls',
    'us-federal',
    'submissions',
    'results',
    '..',
    '.',
    '%2e%2e',
    '%00',
    '%',
    '%zz',
    '%ff',
    '',
  ),
  fc.webSegment(),
  fc.string().map(encodeURIComponent),
)
const path = fc
  .tuple(fc.array(part, { maxLength: 6 }), fc.option(fc.webQueryParameters(), { nil: '' }))
  .map(([parts, query]) => `/api/${parts.join('/')}${query && `?${query}`}`)
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
)

it('holds for any address and method', () =>
  fc.assert(
    fc.asyncProperty(method, path, async (verb, address) => {
      expectAnswer(await askRaw(service.url, { method: verb, path: address }))
    }),
    { numRuns: 500 },
  ))

it('holds for any question about the past', () =>
  fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.constantFrom('asOf', 'position', 'tier', 'x'),
        fc.oneof(
          fc.string(),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
        ),
        { minKeys: 1 },
      ),
      async (parameters) => {
        const query = new URLSearchParams(parameters)
        expectAnswer(await ask(`${service.url}/api/polls/us-federal/results?${query}`))
      },
    ),
    { numRuns: 100 },
  ))

it('holds for any question about trends', () =>
  fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.constantFrom('bucket', 'from', 'to', 'tz', 'view', 'detail', 'format', 'x'),
        fc.oneof(
          fc.string(),
          fc.constantFrom('hour', 'month', 'cumulative', 'full', 'csv', 'UTC', 'Asia/Kolkata', '2026-01-01'),
          fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
        ),
      ),
      async (parameters) => {
        const query = new URLSearchParams(parameters)
        expectAnswer(await ask(`${service.url}/api/polls/us-federal/trends?${query}`))
        expect((await ask(`${service.url}/trends?${query}`)).status).toBeLessThan(500)
      },
    ),
    { numRuns: 150 },
  ))

it('holds for any question for submissions', () =>
  fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.constantFrom('asOf', 'position', 'format', 'after', 'limit', 'digest', 'x'),
        fc.oneof(
          fc.string(),
          fc.constantFrom('csv', 'ndjson', 'parquet', 'pb', '', '1', '2'),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toJSON()),
        ),
        { minKeys: 1 },
      ),
      async (parameters) => {
        const query = new URLSearchParams(parameters)
        expectAnswer(await ask(`${service.url}${submissions}?${query}`))
      },
    ),
    { numRuns: 150 },
  ))

it('holds for what is hardly HTTP', () =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from('GET /api/'), bytes])),
        fc
          .uint8Array({ maxLength: 60 })
          .map((bytes) =>
            Buffer.concat([
              Buffer.from('GET /api/x HTTP/1.1\r\nHost: a\r\n'),
              bytes,
              Buffer.from('\r\n\r\n'),
            ]),
          ),
      ),
      async (bytes) => {
        const received = await converse(service.url, bytes)
        if (received !== '') expect(received).toMatch(/^HTTP\/1\.1 4\d\d /)
      },
    ),
    { numRuns: 200 },
  ))
