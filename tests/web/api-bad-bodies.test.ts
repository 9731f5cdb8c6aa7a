import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../src/errors.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { type ApiRequest, ask, expectProblem, rightAllocation } from './api-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

const post = (request: ApiRequest, poll = 'us-federal') =>
  ask(`${service.url}/api/polls/${poll}/submissions`, { method: 'POST', ...request })
const postJson = (body: string) => post({ body })
const right = JSON.stringify({ allocation: rightAllocation })

describe('a body that cannot be read', () => {
  it.each<[string, ApiRequest, ProblemCode, string]>([
    ['nothing at all', {}, 'MALFORMED_REQUEST', 'is empty'],
    [
      'an empty body',
      { body: '', headers: { 'content-type': 'application/json' } },
      'MALFORMED_REQUEST',
      'is empty',
    ],
    ['broken JSON', { body: '{"allocation":{"health":' }, 'MALFORMED_REQUEST', 'not valid JSON'],
    [
      'a number that JSON does not know',
      { body: '{"allocation":{"health":NaN}}' },
      'MALFORMED_REQUEST',
      'not valid JSON',
    ],
    ['bytes that are not UTF-8', { body: Uint8Array.of(0x7b, 0xff, 0x7d) }, 'MALFORMED_REQUEST', 'UTF-8'],
    [
      'JSON in UTF-16',
      { body: new Uint8Array(Buffer.from(right, 'utf16le')) },
      'MALFORMED_REQUEST',
      'not valid JSON',
    ],
    [
      'another charset',
      { body: right, headers: { 'content-type': 'application/json; charset=latin1' } },
      'UNSUPPORTED_MEDIA_TYPE',
      'utf-8',
    ],
    [
      'a form',
      { body: 'health=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'UNSUPPORTED_MEDIA_TYPE',
      '',
    ],
    ['text', { body: right, headers: { 'content-type': 'text/plain' } }, 'UNSUPPORTED_MEDIA_TYPE', ''],
    [
      'no type that is one',
      { body: right, headers: { 'content-type': 'json' } },
      'UNSUPPORTED_MEDIA_TYPE',
      '',
    ],
    [
      'a compressed body',
      { body: right, headers: { 'content-encoding': 'gzip' } },
      'UNSUPPORTED_MEDIA_TYPE',
      'Content-Encoding',
    ],
    ['two megabytes', { body: 'x'.repeat(2_000_000) }, 'BODY_TOO_LARGE', '64 KiB'],
    ['two megabytes of right JSON', { body: right.padEnd(2_000_000) }, 'BODY_TOO_LARGE', '64 KiB'],
  ])('given %s, says so', async (_, request, code, detail) => {
    const answer = await post(request)
    expectProblem(answer, code)
    expect((answer.json as { detail?: string }).detail ?? '').toContain(detail)
  })

  it('given UTF-8 with a byte order mark, or named by a charset, takes it', async () => {
    expect((await postJson(`\ufeff${right}`)).status).toBe(201)
    const headers = { 'content-type': 'application/json; charset="UTF-8"' }
    expect((await post({ body: right, headers })).status).toBe(201)
  })
})

describe('a body that is not an allocation', () => {
  it.each(['[]', 'null', '1', '"health"', 'true', '[[]]'])('given %s, asks for an object', async (body) => {
    expect(expectProblem(await postJson(body), 'INVALID_REQUEST')[0]).toMatchObject({ code: 'wrong-type' })
  })

  it.each(['{}', '{"__proto__":{"allocation":{"health":10000}}}'])(
    'given %s, misses the allocation',
    async (body) => {
      const errors = expectProblem(await postJson(body), 'INVALID_REQUEST')
      expect(errors[0]).toMatchObject({ field: 'allocation', code: 'missing' })
    },
  )

  it.each(['null', '[]', '"x"', '1'])(
    'given %s for the allocation, asks for an object',
    async (allocation) => {
      const errors = expectProblem(await postJson(`{"allocation":${allocation}}`), 'INVALID_ALLOCATION')
      expect(errors).toMatchObject([{ code: 'wrong-type' }])
    },
  )

  it.each([
    ['{}', 'wrong-sum', undefined],
    ['{"health":9900}', 'wrong-sum', undefined],
    ['{"health":10000,"other":100}', 'wrong-sum', undefined],
    ['{"health":9950,"other":50}', 'off-step', 'health'],
    ['{"health":-100,"other":10100}', 'negative', 'health'],
    ['{"health":0.5}', 'fractional', 'health'],
    ['{"health":1e400}', 'wrong-type', 'health'],
    ['{"health":1e300}', 'too-large', 'health'],
    ['{"health":"10000"}', 'wrong-type', 'health'],
    ['{"health":null}', 'wrong-type', 'health'],
    ['{"health":[10000]}', 'wrong-type', 'health'],
    ['{"Health":10000}', 'unknown-category', 'Health'],
    ['{"health":10000,"__proto__":0}', 'unknown-category', '__proto__'],
    ['{"health":10000,"constructor":{"prototype":{}}}', 'unknown-category', 'constructor'],
  ])('given %s, finds it %s', async (allocation, code, field) => {
    const errors = expectProblem(await postJson(`{"allocation":${allocation}}`), 'INVALID_ALLOCATION')
    expect(errors).toContainEqual(expect.objectContaining({ code, ...(field && { field }) }))
  })

  it('given a category twice, names it: nobody can tell which value is meant', async () => {
    const errors = expectProblem(
      await postJson('{"allocation":{"health":5000,"other":5000,"h\\u0065alth":5000}}'),
      'INVALID_ALLOCATION',
    )
    expect(errors).toMatchObject([{ field: 'health', code: 'repeated' }])
  })

  it('given many mistakes, tells all of them at once', async () => {
    const body =
      '{"allocation":{"health":-1,"education":0.5,"defense":"1","nope":1,"health":-1},"allocation2":{},"via":"import"}'
    const errors = expectProblem(await post({ body, headers: { 'idempotency-key': '' } }), 'INVALID_REQUEST')
    expect(errors.map(({ field, code }) => `${field} ${code}`)).toEqual([
      'Idempotency-Key wrong-format',
      'allocation2 unknown-field',
      'via unknown-field',
      'health repeated',
      'health negative',
      'education fractional',
      'defense wrong-type',
      'nope unknown-category',
    ])
  })

  it('given thousands of mistakes, answers in few words', async () => {
    const names = Object.fromEntries(Array.from({ length: 6000 }, (_, index) => [`n${index}`, 1]))
    for (const json of [names, { allocation: names }]) {
      const answer = await post({ json })
      expect(answer.status).toBe(422)
      expect(answer.text.length).toBeLessThan(16_384)
    }
  })

  it('given arrays in arrays in arrays, keeps its head', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    expectProblem(await postJson(deep), 'INVALID_REQUEST')
    expectProblem(await postJson(`{"allocation":${deep}}`), 'INVALID_ALLOCATION')
    expect((await postJson(`{"allocation":{"health":${deep}}}`)).status).toBe(422)
  })
})

it.each(['no-such-poll', 'US-FEDERAL', '__proto__', '%00', 'a'.repeat(90)])(
  'given the poll %s, says that there is none, right body or wrong',
  async (poll) => {
    expectProblem(await post({ body: right }, poll), 'POLL_NOT_FOUND')
    expectProblem(await post({ body: '{"x":1}' }, poll), 'POLL_NOT_FOUND')
  },
)
