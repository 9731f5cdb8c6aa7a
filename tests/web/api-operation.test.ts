import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/errors.ts'
import type { ResultsView } from '../../src/queries/results-view.ts'
import { Readiness } from '../../src/readiness.ts'
import type { WebContext } from '../../src/web/context.ts'
import { PollTexts } from '../../src/web/poll-texts.ts'
import { buildServer } from '../../src/web/server.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, rightAllocation, submit } from './api-client.ts'

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

/** A server of its own on the same data, with something about it changed. */
function serverWith(change: Partial<WebContext>) {
  const { commands, results, snapshots, trends, exports, readersLog, metrics, parkedEvents, exclusions } =
    service.services
  return buildServer({
    commands,
    results,
    snapshots,
    trends,
    exports,
    readersLog,
    parkedEvents,
    exclusions,
    metrics,
    pollTexts: new PollTexts(new Map()),
    defaultPoll: 'us-federal',
    publicUrl: service.url,
    secret: 'x'.repeat(32),
    operatorToken: undefined,
    operator: undefined,
    trustProxy: false,
    logLevel: 'silent',
    readiness: new Readiness(),
    ...change,
  })
}

describe('health', () => {
  it('given a service that runs, says so', async () => {
    expect((await ask(`${service.url}/livez`)).json).toEqual({ alive: true })
    const ready = await ask(`${service.url}/readyz`)
    expect([ready.status, ready.json]).toMatchObject([200, { ready: true }])
  })

  it('given submissions and answers, counts them for Prometheus', async () => {
    await submit(service.url, rightAllocation)
    await ask(`${service.url}/api/polls/us-federal/results`)
    // What has to be asked for is asked once in two seconds, however many want to know.
    const text = await eventually(async () => {
      const response = await fetch(`${service.url}/metrics`)
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/)
      const body = await response.text()
      expect(body).toMatch(/^taxbudget_log_head_position ([2-9]|\d\d)/m)
      expect(body).toMatch(/^taxbudget_projection_position ([2-9]|\d\d)/m)
      return body
    })
    const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
    expect(figure('taxbudget_append_batch_size_count')).toBeGreaterThanOrEqual(1)
    expect(figure('taxbudget_projector_active')).toBe(1)
    expect(text).toMatch(/^taxbudget_results_answers_total\{tier="\w+"\} [1-9]/m)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
  })

  it('given a second projection, tells of it by its name', async () => {
    await eventually(async () => {
      const { text } = await ask(`${service.url}/metrics`)
      expect(text).toMatch(/^taxbudget_projector_active\{projection="submissions"\} 1$/m)
      expect(text).toMatch(/^taxbudget_projector_follows_log\{projection="submissions"\} 0$/m)
      expect(text).toMatch(/^taxbudget_projection_position\{projection="submissions"\} [1-9]/m)
    })
  })

  it('given a part that fails, names it with 503 and says when to ask again', async () => {
    const readiness = new Readiness()
    const parts = {
      'event log': () => Promise.reject(new Error('no connection')),
      projection: async () => {},
    }
    readiness.add({ role: 'projector', parts, needs: 'all' })
    const server = await serverWith({ readiness })
    const answer = await server.inject('/readyz')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(answer.json()).toEqual({
      ready: false,
      checks: [
        { role: 'projector', name: 'event log', ready: false, detail: 'no connection' },
        { role: 'projector', name: 'projection', ready: true },
      ],
    })
    expect((await server.inject('/livez')).statusCode).toBe(200)
    await server.close()
  })

  it('given the event log or the results alone, still has something to serve, and says what is away', async () => {
    const away = () => Promise.reject(new Error('away'))
    const there = async () => {}
    for (const [log, results, status] of [
      [away, there, 200],
      [there, away, 200],
      [away, away, 503],
    ] as const) {
      const readiness = new Readiness()
      readiness.add({ role: 'web', parts: { 'event log': log, results }, needs: 'one' })
      const server = await serverWith({ readiness })
      const answer = await server.inject('/readyz')
      expect(answer.statusCode).toBe(status)
      expect(answer.json().checks).toMatchObject([{ ready: log === there }, { ready: results === there }])
      await server.close()
    }
  })
})

describe('what is away', () => {
  const away = (problem: Problem): WebContext['results'] => ({
    results: () => Promise.reject(problem),
    polls: () => Promise.reject(problem),
    poll: () => Promise.reject(problem),
  })

  it('given no results, says when to come again, and still shows people their own', async () => {
    const server = await serverWith({ results: away(new Problem('RESULTS_UNAVAILABLE')) })
    const answer = await server.inject('/api/polls/us-federal/results')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json()).toMatchObject({ code: 'RESULTS_UNAVAILABLE' })
    const { submission } = await submit(service.url)
    const own = await server.inject(`/api/submissions/${submission}`)
    expect(own.json()).toMatchObject({ submission, comparison: null })
    await server.close()
  })

  it('given a replay too many, says for how long', async () => {
    const server = await serverWith({ results: away(new Problem('REPLAY_BUSY', { retryAfter: 17 })) })
    const answer = await server.inject('/api/polls/us-federal/results?position=1')
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '17'])
    await server.close()
  })

  it('given a mistake of ours, tells nothing of it but a number', async () => {
    const results = away(new Error('select secret from tables') as Problem)
    const server = await serverWith({ results })
    const answer = await server.inject('/api/polls')
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret')
    expect(answer.json().detail).toMatch(/report it with the number \w+-\w+\./)
    await server.close()
  })
})

describe('an operator’s door', () => {
  it('given a service without an operator token, is closed', async () => {
    const headers = { authorization: 'Bearer undefined' }
    const answer = await ask(`${service.url}/api/polls/us-federal/results?tier=replay`, { headers })
    expect([answer.status, answer.json]).toMatchObject([401, { code: 'NOT_AN_OPERATOR' }])
  })
})

describe('closing', () => {
  it('given submissions under way, finishes them, and closes without waiting for idle connections', async () => {
    const url = `${service.url}/api/polls/us-federal/submissions`
    await Promise.all(Array.from({ length: 20 }, () => ask(`${service.url}/livez`)))
    const before = ((await ask(`${service.url}/api/polls/us-federal/results`)).json as ResultsView)
      .submissions.counted
    const answers = Array.from({ length: 50 }, () =>
      ask(url, { method: 'POST', json: { allocation: rightAllocation } }).then(
        ({ status }) => status,
        () => 'no connection',
      ),
    )
    await Promise.race(answers)
    const started = performance.now()
    await service.restart()
    expect(performance.now() - started).toBeLessThan(5000)
    const outcomes = await Promise.all(answers)
    expect(new Set(outcomes)).toEqual(
      new Set(outcomes.includes('no connection') ? [201, 'no connection'] : [201]),
    )
    const taken = outcomes.filter((status) => status === 201).length
    await eventually(async () => {
      const view = (await ask(`${service.url}/api/polls/us-federal/results`)).json as ResultsView
      expect(view.submissions.counted).toBeGreaterThanOrEqual(before + taken)
    })
  })
})
