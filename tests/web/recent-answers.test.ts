import { expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import type { Answer, ResultsQuery } from '../../src/queries/results.ts'
import { RecentAnswers } from '../../src/web/api/recent-answers.ts'

/** Results that count how often they are asked for. */
function counting(answer: () => Promise<Answer>) {
  const asked: string[] = []
  const results = (poll: string) => {
    asked.push(poll)
    return answer()
  }
  return { asked, recent: new RecentAnswers({ results } as ResultsQuery) }
}

const answer = { tier: 'snapshot' } as Answer

it('given many questions within ten milliseconds, asks once', async () => {
  const { asked, recent } = counting(async () => answer)
  await Promise.all([recent.get('a', 0), recent.get('a', 5), recent.get('b', 5), recent.get('a', 9.9)])
  expect(asked).toEqual(['a', 'b'])
})

it('given an answer that is ten milliseconds old, asks anew', async () => {
  const { asked, recent } = counting(async () => answer)
  await recent.get('a', 0)
  await recent.get('a', 10)
  expect(asked).toEqual(['a', 'a'])
})

it('given a failure, tells everyone who waits for it, and asks anew', async () => {
  const { asked, recent } = counting(() => Promise.reject(new Problem('RESULTS_UNAVAILABLE')))
  const outcomes = await Promise.allSettled([recent.get('a', 0), recent.get('a', 1)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(recent.get('a', 2)).rejects.toThrow(Problem)
  expect(asked).toEqual(['a', 'a'])
})
