/** Whatever body is sent: a refusal from the table or an answer, never a failure. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectAnswer } from './api-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

const submissions = '/api/polls/us-federal/submissions'
const json = { 'content-type': 'application/json' }

it('holds for any JSON', () =>
  fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 5 }), fc.boolean(), async (value, wrapped) => {
      const body = wrapped ? `{"allocation":${value}}` : value
      const answer = await ask(service.url + submissions, { method: 'POST', body, headers: json })
      expectAnswer(answer)
      expect(answer.status).toBe(422)
    }),
    { numRuns: 300 },
  ))

const categories = [
  'health education defense infrastructure social-security environment science public-safety housing other',
].flatMap((names) => names.split(' '))

/** Shares of 100 over the categories, as cuts of a line. */
const split = fc
  .array(fc.integer({ min: 0, max: 100 }), { minLength: 9, maxLength: 9 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 100])
  .map((cuts) => categories.map((id, index) => [id, (cuts[index + 1]! - cuts[index]!) * 100] as const))

const slip = fc.record({
  at: fc.nat(9),
  name: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.string() }),
  value: fc.oneof(
    fc.integer({ min: -200, max: 200 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(null, '', '100', true, [], {}, -0, 1e21, 0.1),
  ),
})

it('takes what is right and refuses what is nearly right', () =>
  fc.assert(
    fc.asyncProperty(split, fc.option(slip, { nil: undefined }), async (shares, change) => {
      const entries: [string, unknown][] = shares.map(([id, share]) => [id, share])
      if (change) entries[change.at] = [change.name ?? entries[change.at]![0], change.value]
      const allocation = Object.fromEntries(entries)
      const sum = Object.values(allocation).reduce<number>((total, share) => total + Number(share), 0)
      const right =
        Object.entries(allocation).every(
          ([id, share]) =>
            categories.includes(id) &&
            Number.isInteger(share) &&
            Number(share) >= 0 &&
            Number(share) % 100 === 0,
        ) && sum === 10_000
      const answer = await ask(service.url + submissions, { method: 'POST', json: { allocation } })
      expectAnswer(answer)
      expect(answer.status).toBe(right ? 201 : 422)
    }),
    { numRuns: 300 },
  ))

const contentType = fc.oneof(
  fc.constantFrom('application/json', 'application/json; charset=utf-8', 'text/plain', 'multipart/form-data'),
  fc.string({ unit: 'grapheme-ascii' }),
)

it('holds for any bytes of any type', () =>
  fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), contentType, async (bytes, type) => {
      const body = new Uint8Array(bytes)
      expectAnswer(
        await ask(service.url + submissions, { method: 'POST', body, headers: { 'content-type': type } }),
      )
    }),
    { numRuns: 200 },
  ))
