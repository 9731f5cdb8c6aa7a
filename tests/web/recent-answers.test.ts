import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { rankOf } from '../../src/projections/poll-aggregate.ts'
import type { Answer, ResultsQuery } from '../../src/queries/results.ts'
import { etagOf, rankSeen } from '../../src/web/api/etag.ts'
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

describe('given somebody has seen more elsewhere', () => {
  const at = (position: bigint) => ({ tier: 'snapshot', aggregate: { position } }) as Answer
  /** Answers with what is wanted at least. */
  function willing() {
    const wanted: bigint[] = []
    const results = async (_: string, { atLeast = 0n } = {}) => {
      wanted.push(atLeast)
      return at(atLeast > 5n ? atLeast : 5n)
    }
    return { wanted, recent: new RecentAnswers({ results } as ResultsQuery) }
  }

  it('asks anew for what is older than that, and for nothing else', async () => {
    const { wanted, recent } = willing()
    expect((await recent.get('a', 0)).aggregate.position).toBe(5n)
    expect((await recent.get('a', 1, 4n)).aggregate.position).toBe(5n)
    expect(wanted).toEqual([0n])
    expect((await recent.get('a', 2, 7n)).aggregate.position).toBe(7n)
    expect((await recent.get('a', 3)).aggregate.position).toBe(7n)
    expect(wanted).toEqual([0n, 7n])
  })

  it('asks once for all who claim to have seen what is not there', async () => {
    const wanted: bigint[] = []
    const results = async (_: string, { atLeast = 0n } = {}) => {
      wanted.push(atLeast)
      return at(5n)
    }
    const recent = new RecentAnswers({ results } as ResultsQuery)
    const answers = await Promise.all([0n, 99n, 99n, 50n, 99n].map((seen) => recent.get('a', 0, seen)))
    expect(answers.every(({ aggregate }) => aggregate.position === 5n)).toBe(true)
    expect(wanted).toEqual([0n, 99n])
  })
})

describe('what a tag tells that was seen', () => {
  const tagOf = (position: bigint, parked: number, generation: number) =>
    etagOf({ tier: 'snapshot', aggregate: { position, parked, generation } } as Answer)

  it.each([
    [tagOf(1234n, 0, 0), { position: 1234n }],
    [tagOf(1234n, 3, 0), { position: 1234n }],
    [tagOf(1234n, 0, 2), { position: 1234n, generation: 2 }],
    [tagOf(1234n, 3, 2), { position: 1234n, generation: 2 }],
    [`W/${tagOf(7n, 1, 5).slice(0, -1)}.abc.en.10"`, { position: 7n, generation: 5 }],
    ['W/"12.g1x.en.1"', { position: 12n }],
  ])('%s', (tag, seen) => {
    expect(rankSeen(tag)).toBe(rankOf(seen))
  })

  it.each([undefined, '*', '', '"abc"', '"12', '12', `"${'9'.repeat(40)}"`, '"12-3"'])(
    '%s tells nothing',
    (tag) => {
      expect(rankSeen(tag)).toBe(0n)
    },
  )
})

it('given a failure, tells everyone who waits for it, and asks anew', async () => {
  const { asked, recent } = counting(() => Promise.reject(new Problem('RESULTS_UNAVAILABLE')))
  const outcomes = await Promise.allSettled([recent.get('a', 0), recent.get('a', 1)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(recent.get('a', 2)).rejects.toThrow(Problem)
  expect(asked).toEqual(['a', 'a'])
})
