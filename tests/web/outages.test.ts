import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { type EventLog, EventLogUnavailable } from '../../src/events/event-log.ts'
import type { ResultsQuery } from '../../src/queries/results.ts'
import { buildServer } from '../../src/web/server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { contextOf } from './context.ts'
import { formIn, Person, words } from './person.ts'

const entries = { 'allocation[health]': '62', 'allocation[other]': ' 38 % ', remember: 'yes' }

let service: TestService
let front: FastifyInstance | undefined

beforeAll(async () => {
  service = await startTestService()
})
afterEach(() => front?.close())
afterAll(() => service.close())

/** The same pages on the same data, with something broken behind them. */
async function pagesWith(broken: { log?: EventLog; results?: ResultsQuery }): Promise<string> {
  front = await buildServer(contextOf(service, broken))
  return await front.listen({ port: 0, host: '127.0.0.1' })
}

const awayWith = <T>(error: () => Error): T =>
  new Proxy({}, { get: () => () => Promise.reject(error()) }) as T
const logAway = () => awayWith<EventLog>(() => new EventLogUnavailable('connect ECONNREFUSED 127.0.0.1:5432'))
const resultsAway = () => awayWith<ResultsQuery>(() => new Problem('RESULTS_UNAVAILABLE'))

describe('given that the event log is away', () => {
  test('a submission is refused with all that was entered, and the same form counts once when it is back', async () => {
    const person = new Person(await pagesWith({ log: logAway() }))
    const form = formIn((await person.get('/')).html)
    const refused = await person.send(form, entries)
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(words(refused.html)).toContain('Nothing you entered is lost')
    expect(refused.html).not.toContain('ECONNREFUSED')
    const kept = formIn(refused.html)
    expect(Object.fromEntries(kept.fields)).toMatchObject({ ...entries, token: form.fields.get('token') })
    const back = new Person(service.url)
    const first = await back.send(kept)
    expect([first.status, (await back.send(kept)).location]).toEqual([303, first.location])
  })

  test('results are still served, and the history still has its links', async () => {
    const remembering = new Person(service.url)
    const { location } = await remembering.send(formIn((await remembering.get('/')).html), entries)
    const away = remembering.at(await pagesWith({ log: logAway() }))
    expect((await away.get('/results')).status).toBe(200)
    const history = await away.get('/history')
    expect(history.status).toBe(200)
    expect(history.html).toContain(`href="${location}"`)
    expect((await away.get(location!)).status).toBe(503)
  })
})

test('given an event log that never answers, the form is there in little more than a second', async () => {
  const log = new Proxy({}, { get: () => () => new Promise(() => {}) }) as EventLog
  const person = new Person(await pagesWith({ log }))
  const started = performance.now()
  expect((await person.get('/')).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(5000)
})

describe('given that the results are away', () => {
  test('submitting works, and one’s own split is shown beside the actual budgets alone', async () => {
    const person = new Person(await pagesWith({ results: resultsAway() }))
    expect((await person.get('/results')).status).toBe(503)
    const sent = await person.send(formIn((await person.get('/')).html), entries)
    expect(sent.status).toBe(303)
    const page = await person.get(sent.location!)
    expect(page.status).toBe(200)
    expect(words(page.html)).toContain('Everyone’s results cannot be read at the moment.')
    expect(words(page.html)).toMatch(/Healthcare 62 % 28.2 % \+33.8/)
  })
})

describe('given that everything is away, and this process has never seen the poll', () => {
  test('what was entered can still be sent again from the page', async () => {
    const form = formIn((await new Person(service.url).get('/')).html)
    const person = new Person(await pagesWith({ log: logAway(), results: resultsAway() }))
    expect((await person.get('/')).status).toBe(503)
    const refused = await person.send(form, entries)
    expect(refused.status).toBe(503)
    const kept = formIn(refused.html)
    expect(Object.fromEntries(kept.fields)).toEqual({ ...Object.fromEntries(form.fields), ...entries })
    expect((await new Person(service.url).send(kept)).status).toBe(303)
  })
})

test('given a mistake of ours, the page says so without showing our insides', async () => {
  const results = awayWith<ResultsQuery>(() => new TypeError('undefined is not a function at /srv/secret.ts'))
  const page = await new Person(await pagesWith({ results })).get('/results')
  expect(page.status).toBe(500)
  expect(page.headers.get('cache-control')).toContain('no-store')
  expect(words(page.html)).toContain('Something went wrong on our side')
  expect(page.html).not.toMatch(/secret|TypeError|\.ts/)
})
