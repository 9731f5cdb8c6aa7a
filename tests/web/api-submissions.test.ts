import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { reopenPoll } from '../../src/commands/reopen-poll.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { ChangedSubmission, Receipt, SubmissionView } from '../../src/web/api/schemas.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, expectDescribed, expectProblem, rightAllocation, submit } from './api-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

const submissions = () => `${service.url}/api/polls/us-federal/submissions`

/** Submits once more, waits until that is in the results, and tells how many are counted. */
async function countedUpToNow(): Promise<number> {
  const { position } = await submit(service.url)
  return eventually(async () => {
    const view = (await ask(`${service.url}/api/polls/us-federal/results`)).json as ResultsView
    expect(BigInt(view.position)).toBeGreaterThanOrEqual(BigInt(position))
    return view.submissions.counted
  })
}

describe('submitting', () => {
  it('given an allocation that is right, stores it and hands out a receipt', async () => {
    const answer = await ask(submissions(), { method: 'POST', json: { allocation: rightAllocation } })
    expect(answer.status).toBe(201)
    const { submission } = expectDescribed(answer, Receipt)
    expect(answer.headers.get('location')).toBe(`/api/submissions/${submission}`)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  it('given the same key fifty times at once, has one effect and one answer', async () => {
    const before = await countedUpToNow()
    const headers = { 'idempotency-key': 'fifty at once' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => submit(service.url, rightAllocation, headers)),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await countedUpToNow()).toBe(before + 2)
    expect(await submit(service.url, rightAllocation, headers)).toEqual(answers[0])
  })

  it('given no key, counts each of fifty at once', async () => {
    const before = await countedUpToNow()
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(service.url)))
    expect(new Set(answers.map(({ submission }) => submission)).size).toBe(50)
    expect(await countedUpToNow()).toBe(before + 51)
  })

  it('given a key that was used for another allocation, refuses', async () => {
    const headers = { 'idempotency-key': 'k' }
    await submit(service.url, rightAllocation, headers)
    const json = { allocation: { health: 10_000 } }
    expectProblem(await ask(submissions(), { method: 'POST', json, headers }), 'IDEMPOTENCY_KEY_REUSED')
  })

  it('given the same allocation written otherwise, knows the repeat', async () => {
    const headers = { 'idempotency-key': 'reordered' }
    const first = await submit(service.url, { health: 4000, other: 6000 }, headers)
    expect(await submit(service.url, { other: 6000, housing: 0, health: 4000 }, headers)).toEqual(first)
  })

  it.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'schlüssel'],
  ])('given a key that is %s, names the header', async (_, key) => {
    const json = { allocation: rightAllocation }
    const answer = await ask(submissions(), { method: 'POST', json, headers: { 'idempotency-key': key } })
    expect(expectProblem(answer, 'INVALID_REQUEST')).toMatchObject([{ field: 'Idempotency-Key' }])
  })

  it('given a closed poll, refuses with 409, but repeats the answer of what was taken before', async () => {
    const headers = { 'idempotency-key': 'before the end' }
    const first = await submit(service.url, rightAllocation, headers)
    const { commands } = service.services
    await closePoll(commands, 'us-federal', 'anna')
    commands.polls.forget('us-federal')
    try {
      const json = { allocation: rightAllocation }
      expectProblem(await ask(submissions(), { method: 'POST', json }), 'POLL_CLOSED')
      expect(await submit(service.url, rightAllocation, headers)).toEqual(first)
    } finally {
      await reopenPoll(commands, 'us-federal', 'anna')
      commands.polls.forget('us-federal')
    }
  })
})

describe('one submission', () => {
  it('given its number, shows it beside everyone’s and the actual budgets', async () => {
    const { submission, position } = await submit(service.url, { health: 10_000 })
    const answer = await ask(`${service.url}/api/submissions/${submission.toUpperCase()}`)
    const view = expectDescribed(answer, SubmissionView)
    expect(view).toMatchObject({ submission, position, poll: 'us-federal', status: 'counted' })
    expect(view.allocation).toMatchObject({ health: 10_000, education: 0 })
    expect(view.comparison?.categories[0]).toMatchObject({ id: 'health', own: 10_000 })
    expect(view.comparison?.moneyToMove.baselines.fy2025).toBeCloseTo(0.7183)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })

  it.each(['x', '3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10', '%00', '..%2f'])(
    'given %s, finds nothing',
    async (id) => {
      expectProblem(await ask(`${service.url}/api/submissions/${id}`), 'SUBMISSION_NOT_FOUND')
    },
  )
})

describe('the holder of the receipt', () => {
  it('revises, and withdraws for good', async () => {
    const { submission, receipt } = await submit(service.url)
    const url = `${service.url}/api/submissions/${submission}`
    const json = { allocation: { housing: 10_000 } }
    const revised = await ask(url, { method: 'PUT', json, headers: { receipt } })
    expect(expectDescribed(revised, ChangedSubmission)).toMatchObject({ submission, status: 'counted' })
    const withdrawn = await ask(url, { method: 'DELETE', headers: { receipt } })
    expect(expectDescribed(withdrawn, ChangedSubmission)).toMatchObject({ submission, status: 'withdrawn' })
    const again = await ask(url, { method: 'DELETE', headers: { receipt } })
    expect(again.json).toEqual(withdrawn.json)
    expectProblem(await ask(url, { method: 'PUT', json, headers: { receipt } }), 'SUBMISSION_WITHDRAWN')
    const view = expectDescribed(await ask(url), SubmissionView)
    expect(view).toMatchObject({ status: 'withdrawn', allocation: null, comparison: null })
  })

  it.each(['PUT', 'DELETE'])('is nobody who sends no receipt, or a wrong one, with %s', async (method) => {
    const { submission } = await submit(service.url)
    const { receipt } = await submit(service.url)
    const url = `${service.url}/api/submissions/${submission}`
    const json = { allocation: rightAllocation }
    for (const headers of [{}, { receipt: '' }, { receipt: 'x' }, { receipt }])
      expectProblem(await ask(url, { method, json, headers }), 'WRONG_RECEIPT')
  })

  it('is told everything that is wrong with a revision', async () => {
    const { submission, receipt } = await submit(service.url)
    const json = { allocation: { health: -100, nonsense: 1 } }
    const url = `${service.url}/api/submissions/${submission}`
    const errors = expectProblem(
      await ask(url, { method: 'PUT', json, headers: { receipt } }),
      'INVALID_ALLOCATION',
    )
    expect(errors.map(({ field, code }) => [field, code])).toEqual([
      ['health', 'negative'],
      ['nonsense', 'unknown-category'],
    ])
  })

  it('finds nothing to change at a number that does not exist', async () => {
    const url = `${service.url}/api/submissions/3f0c4c1e-3f0b-5b52-9c58-0d6a2c1a7f10`
    const json = { allocation: rightAllocation }
    expectProblem(await ask(url, { method: 'PUT', json }), 'SUBMISSION_NOT_FOUND')
    expectProblem(await ask(url, { method: 'DELETE' }), 'SUBMISSION_NOT_FOUND')
  })
})
