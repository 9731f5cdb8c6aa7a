/** A request's trace goes with what it changes: into the events' metadata, and into its own log lines. */
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventLogUnavailable, type RecordedEvent } from '../../src/events/event-log.ts'
import { requestLog } from '../../src/web/request-log.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, rightAllocation, submit } from './api-client.ts'
import { formIn, Person } from './person.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const caller = '00f067aa0ba902b7'
const traceparent = `00-${traceId}-${caller}-01`
const oursOf = (flags: string) => new RegExp(`^00-${traceId}-(?!${caller})[0-9a-f]{16}-${flags}$`)

let service: TestService
beforeAll(async () => {
  service = await startTestService()
})
afterAll(() => service.close())

const eventsOf = (submission: string): Promise<RecordedEvent[]> =>
  service.services.commands.log.readStream(`submission-${submission}`)

/** What each event of a submission tells, with its metadata. */
const told = async (submission: string) =>
  (await eventsOf(submission)).map(({ type, metadata }) => [type, metadata])

const ours = (flags = '01') => ({ traceparent: expect.stringMatching(oursOf(flags)) })

describe('given a traceparent, the events of a command carry its trace and a step of our own', () => {
  it('when submitting, revising and withdrawing through the API', async () => {
    const headers = { traceparent, tracestate: 'vendor=somebody' }
    const { submission, receipt } = await submit(service.url, rightAllocation, headers)
    const url = `${service.url}/api/submissions/${submission}`
    const owner = { ...headers, receipt }
    const json = { allocation: { health: 10_000 } }
    expect((await ask(url, { method: 'PUT', json, headers: owner })).status).toBe(200)
    expect((await ask(url, { method: 'DELETE', headers: owner })).status).toBe(200)
    expect(await told(submission)).toEqual([
      ['AllocationSubmitted', ours()],
      ['AllocationRevised', ours()],
      ['AllocationWithdrawn', ours()],
    ])
    const steps = (await eventsOf(submission)).map(({ metadata }) => metadata.traceparent)
    expect(new Set(steps).size).toBe(3)
  })

  it('when submitting, revising and withdrawing by form', async () => {
    const person = new Person(service.url)
    const send = (action: string, fields: URLSearchParams) => person.post(action, fields, { traceparent })
    const filled = (html: string, action: string, health: string) => {
      const form = formIn(html, action)
      const rest = String(100 - Number(health))
      const entries = { 'allocation[health]': health, 'allocation[other]': rest }
      const fields = new URLSearchParams([...new Map([...form.fields, ...Object.entries(entries)])])
      return [form.action, fields] as const
    }
    const { location } = await send(...filled((await person.get('/')).html, '', '60'))
    const id = location!.split('/').at(-1)!
    const revision = (await person.get(`${location}/revise`)).html
    expect((await send(...filled(revision, '/revise', '70'))).status).toBe(303)
    const withdrawal = formIn((await person.get(location!)).html, '/withdraw')
    expect((await send(withdrawal.action, new URLSearchParams(withdrawal.fields))).status).toBe(303)
    expect(await told(id)).toEqual([
      ['AllocationSubmitted', ours()],
      ['AllocationRevised', ours()],
      ['AllocationWithdrawn', ours()],
    ])
  })

  it('with the flag that says whether somebody keeps it, and no other', async () => {
    for (const [sent, kept] of [
      ['00', '00'],
      ['02', '00'],
      ['ff', '01'],
    ] as const) {
      const header = { traceparent: `00-${traceId}-${caller}-${sent}` }
      const { submission } = await submit(service.url, rightAllocation, header)
      expect(await told(submission)).toEqual([['AllocationSubmitted', ours(kept)]])
    }
  })
})

describe('given no valid traceparent, nothing is made up', () => {
  it.each([
    ['none', {}],
    ['an empty one', { traceparent: '' }],
    ['another format', { traceparent: '00-abc-def-01' }],
    ['zeros', { traceparent: `00-${'0'.repeat(32)}-${caller}-01` }],
    ['two of them', { traceparent: `${traceparent}, ${traceparent}` }],
  ])('for %s', async (_, headers) => {
    const { submission } = await submit(service.url, rightAllocation, headers as Record<string, string>)
    expect(await told(submission)).toEqual([['AllocationSubmitted', {}]])
  })
})

describe('the same command again', () => {
  it('in another trace is the same command: one event, one answer, the first trace', async () => {
    const key = { 'idempotency-key': 'one command in three traces' }
    const first = await submit(service.url, rightAllocation, { ...key, traceparent })
    const other = traceparent.replace(traceId, traceId.replace('4', '5'))
    expect(await submit(service.url, rightAllocation, { ...key, traceparent: other })).toEqual(first)
    expect(await submit(service.url, rightAllocation, key)).toEqual(first)
    expect(await told(first.submission)).toEqual([['AllocationSubmitted', ours()]])
  })
})

describe('the log lines of a request', () => {
  function logged(headers: Record<string, string>): Record<string, unknown>[] {
    const lines: Record<string, unknown>[] = []
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(JSON.parse(chunk))
        done()
      },
    })
    const log = requestLog(pino(stream), { reqId: 'a-1' }, {}, { headers })
    log.warn({ err: new EventLogUnavailable('away') }, 'one')
    log.warn('two')
    return lines
  }

  it('name its trace, all with the same step', () => {
    const lines = logged({ traceparent })
    expect(lines).toMatchObject([
      { reqId: 'a-1', traceId, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), msg: 'one' },
      { reqId: 'a-1', traceId, msg: 'two' },
    ])
    expect(lines[1]!.spanId).toBe(lines[0]!.spanId)
  })

  it('name none if it has none', () => {
    for (const line of logged({ traceparent: 'nonsense' })) expect(line).not.toHaveProperty('traceId')
  })
})
