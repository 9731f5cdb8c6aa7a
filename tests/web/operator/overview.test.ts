import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chartsView } from '../../../src/web/operator/overview/charts.ts'
import { bytes, duration } from '../../../src/web/operator/words.ts'
import { processState } from '../../support/operator/memory-surroundings.ts'
import {
  ANAS_TOKEN,
  type OperatorService,
  startOperatorService,
} from '../../support/operator/operator-service.ts'
import { words } from '../person.ts'
import { OperatorPerson } from './person.ts'

let operators: OperatorService
let server: FastifyInstance
let ana: OperatorPerson

beforeAll(async () => {
  operators = await startOperatorService()
  server = await operators.server()
  ana = new OperatorPerson(server)
  await ana.signIn(ANAS_TOKEN)
})
afterAll(() => operators.close())

const overview = async () => words((await ana.get('/operator')).body)

describe('the overview', () => {
  test('tells how every process and every projection stands', async () => {
    const readiness = {
      ready: false,
      checks: [{ role: 'projector', name: 'projection', ready: false, detail: 'the answer took too long' }],
    }
    operators.processes.processes = [
      processState(),
      processState({ id: 'two', roles: ['relay', 'projector'], readiness, memory: 93_000_000 }),
      processState({ id: 'three', roles: ['projector'], alive: false }),
      processState({
        ...{ id: 'four', roles: ['relay'], host: 'long-gone', alive: false },
        seenAt: new Date(Date.now() - 11 * 60_000),
      }),
    ]
    operators.projections.head = 3500n
    await operators.projections.rebuild('submissions', { by: 'ben', promote: true })
    operators.parked.park(7n, 'no such category')
    const text = await overview()
    expect(text).toContain('processes ready 1 of 2')
    expect(text).toContain('events in the log 3,500')
    expect(text).toContain('events in the backlog 2,500')
    expect(text).toContain('events parked 1')
    expect(text).toContain('web ready web-1, http://10.0.0.1:3000 · version 0.1.0 · keeps the results')
    expect(text).toContain('requests/s 41.26 p95 of answers 12.4 ms')
    expect(text).not.toContain('7,000')
    expect(text).toContain('! projector: projection: the answer took too long')
    expect(text).toContain('memory 93 MB')
    expect(text).toMatch(/gone projector, web-1, \S+: was heard of \d+\ss ago/)
    // One line, without figures that are true no more; and one that is gone for long is told of no more.
    expect(text.match(/requests\/s/g)).toHaveLength(1)
    expect(text).not.toContain('long-gone')
    expect(text).toContain('Version 2 filling from the log 0.0 %')
    expect(text).toContain('Begun by ben')
  })

  test('shows the rest when a part of it cannot be asked', async () => {
    operators.processes.trouble = new Error('connect ECONNREFUSED 10.0.0.9:5432')
    const text = await overview()
    expect(text).toContain('This cannot be read at the moment.')
    expect(text).toContain('events in the log 3,500')
    expect(text).not.toContain('10.0.0.9')
    operators.processes.trouble = undefined
  })

  test('has its live part on its own, for the script', async () => {
    const { body, headers } = await ana.get('/operator/live', { 'x-fragment': '1' })
    expect(body.trimStart()).toMatch(/^<p class="freshness"/)
    expect(headers['cache-control']).toContain('no-store')
  })
})

test('the doctor is asked for what was chosen, and tells the worst first', async () => {
  operators.doctor.findings = [
    { name: 'clock', status: 'fine', expected: 'within 1 s', actual: '3 ms' },
    { name: 'disk', status: 'failed', expected: '10 % free', actual: '2 %', advice: 'Make room.' },
  ]
  const text = words((await ana.get('/operator/doctor?routine=weekly')).body)
  expect(text).toContain('1 check failed')
  expect(text).toContain('disk failed Expected 10 % free Actual 2 % Make room. clock fine')
  await ana.get('/operator/doctor?routine=hourly')
  expect(operators.doctor.asked).toEqual(['weekly', 'always'])
})

describe('the charts', () => {
  const sample = (second: number, head: bigint | undefined, results: bigint) => ({
    at: Date.UTC(2026, 10, 23, 10, 0, second),
    head,
    live: new Map([['category-aggregate', results]]),
  })

  test('show rates and lag in events, also where positions are not numbered one by one', () => {
    for (const perEvent of [1n, 100n]) {
      const samples = [sample(0, 0n, 0n), sample(5, 50n, 10n), sample(10, 50n, 50n)].map(
        ({ at, head, live }) => ({
          ...{ at, head: head! * perEvent },
          live: new Map([...live].map(([name, position]) => [name, position * perEvent])),
        }),
      )
      const { charts, rows } = chartsView(samples, perEvent)!
      expect(charts.map(({ title, description }) => [title, description])).toEqual([
        ['Events appended a second', 'Now 0, at most 10.'],
        ['Results: events applied a second', 'Now 8, at most 8.'],
        ['Results: events behind', 'Now 0, at most 40.'],
      ])
      expect(rows).toEqual([{ at: '10:00', values: [10, 8, 40] }])
    }
  })

  test('leave out what was not known, and a projection that went back to an earlier version', () => {
    const { rows } = chartsView([sample(0, 50n, 50n), sample(5, undefined, 20n), sample(10, 60n, 60n)], 1n)!
    expect(rows).toEqual([{ at: '10:00', values: [null, 8, 0] }])
    expect(chartsView([sample(0, 50n, 50n)], 1n)).toBeUndefined()
  })
})

test.each([
  [0, '0 s'],
  [59.6, '1 min'],
  [75, '1 min 15 s'],
  [3600, '1 h'],
  [90_061, '1 d 1 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds).replaceAll('\u00a0', ' ')).toBe(text)
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1_550_000, '1.6 MB'],
  [182_400_000, '182 MB'],
])('%d bytes are %s', (value, text) => {
  expect(bytes(value).replaceAll('\u00a0', ' ')).toBe(text)
})
