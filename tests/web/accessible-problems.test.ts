/** WCAG 2.2 AA of pages that say that something did not work. */

import type { FastifyInstance } from 'fastify'
import { afterEach } from 'vitest'
import { Problem } from '../../src/errors.ts'
import { type EventLog, EventLogUnavailable } from '../../src/events/event-log.ts'
import type { ResultsQuery } from '../../src/queries/results.ts'
import { buildServer } from '../../src/web/server.ts'
import { contextOf } from './context.ts'
import { type Stage, stageFor, testAccessible } from './stage.ts'

const stage = stageFor()
let front: FastifyInstance | undefined
afterEach(() => front?.close())

const awayWith = <T>(error: () => Error): T =>
  new Proxy({}, { get: () => () => Promise.reject(error()) }) as T
const log = awayWith<EventLog>(() => new EventLogUnavailable('connect ECONNREFUSED'))
const results = awayWith<ResultsQuery>(() => new Problem('RESULTS_UNAVAILABLE'))
const broken = awayWith<ResultsQuery>(() => new TypeError('undefined is not a function'))

/** A page of the same service with something broken behind it. */
async function openWith(s: Stage, parts: { log?: EventLog; results?: ResultsQuery }, path: string) {
  front = await buildServer(contextOf(s.service, parts))
  return await s.open((await front.listen({ port: 0, host: '127.0.0.1' })) + path)
}

testAccessible(stage, {
  'an address that leads nowhere': (s) => s.open('/en/nowhere'),
  'an address that leads nowhere, in Spanish': (s) => s.open('/es/nowhere'),
  'a poll that there is not': (s) => s.open('/en/polls/none'),
  'a submission that there is not': (s) => s.open('/en/submissions/00000000-0000-4000-8000-000000000000'),
  'a moment to come': (s) => s.open('/en/results?asOf=2999-01-01T00:00'),
  'results that cannot be read (503)': (s) => openWith(s, { results }, '/en/results'),
  'results that cannot be read, in Spanish': (s) => openWith(s, { results }, '/es/results'),
  'a mistake of ours (500)': (s) => openWith(s, { results: broken }, '/en/results'),
  'a form that cannot be stored, with what was entered': async (s) => {
    const page = await openWith(s, { log }, '/en/')
    for (const [category, share] of [
      ['health', '60'],
      ['other', '40'],
    ] as const)
      await s.field(category).fill(share)
    await s.button('Review my split').click()
    await page.getByRole('heading', { name: 'Review your split' }).waitFor()
    await page.evaluate(`document.querySelector('main form').submit()`)
    await page.getByText('Nothing you entered is lost').waitFor()
  },
})
