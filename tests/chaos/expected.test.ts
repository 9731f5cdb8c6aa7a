import { expect, it } from 'vitest'
import { expectedResults } from '../../chaos/clients/expected.ts'
import { judgeRefusal } from '../../chaos/clients/judge-refusal.ts'

it('what should be counted is what stands, with what was given last', () => {
  const submissions = [
    { status: 'counted', allocation: { a: 10_000, b: 0 } },
    { status: 'counted', allocation: { a: 4000, b: 6000 } },
    { status: 'counted', allocation: { a: 4000, b: 6000 } },
    { status: 'withdrawn', allocation: { a: 0, b: 10_000 } },
  ] as const
  expect(expectedResults(submissions, ['a', 'b'])).toEqual({
    submissions: { counted: 3, excluded: 0, withdrawn: 1 },
    categories: [
      {
        id: 'a',
        sum: 18_000,
        histogram: [
          [4000, 2],
          [10_000, 1],
        ],
      },
      {
        id: 'b',
        sum: 12_000,
        histogram: [
          [0, 1],
          [6000, 2],
        ],
      },
    ],
  })
})

const problem = (status: number, code: string, type = 'application/problem+json; charset=utf-8') =>
  judgeRefusal({ status, headers: { 'content-type': type }, text: JSON.stringify({ code }) })

it('a refusal is clear if it is one of the table, told as problem+json, and no accident', () => {
  expect(problem(503, 'EVENT_LOG_UNAVAILABLE')).toEqual({ code: 'EVENT_LOG_UNAVAILABLE' })
  const unclear = { unclear: expect.any(String) }
  expect(problem(500, 'INTERNAL_ERROR')).toEqual(unclear)
  expect(problem(500, 'EVENT_LOG_UNAVAILABLE')).toEqual(unclear)
  expect(problem(503, 'NOBODY_KNOWS')).toEqual(unclear)
  expect(problem(503, 'EVENT_LOG_UNAVAILABLE', 'application/json')).toEqual(unclear)
  const page = { status: 503, headers: { 'content-type': 'text/html' }, text: '<h1>Away</h1>' }
  expect(judgeRefusal(page)).toEqual(unclear)
})
