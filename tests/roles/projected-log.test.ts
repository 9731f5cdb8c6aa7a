import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { projectedLog } from '../../src/roles/projected-log.ts'

const trace = (n: number, flags: string) => `00-${n.toString(16).padStart(32, '0')}-00f067aa0ba902b7-${flags}`
const idOf = (traceparent: string) => traceparent.split('-')[1]

const event = (position: bigint, traceparent?: string): RecordedEvent => ({
  position,
  stream: 's',
  revision: 0,
  id: '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01',
  type: 'Tested',
  schemaVersion: 1,
  data: {},
  metadata: traceparent === undefined ? {} : { traceparent },
  recordedAt: '2026-01-01T00:00:00.000Z',
})

function logged(level: string, events: readonly RecordedEvent[]): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(chunk))
      done()
    },
  })
  projectedLog(pino({ level, base: null, timestamp: false }, stream))(events)
  return lines
}

it('given a sampled trace, tells at info what was projected, naming each trace once, sampled ones first', () => {
  const [quiet, kept] = [trace(1, '00'), trace(2, '01')]
  const events = [event(4n, quiet), event(5n), event(6n, kept), event(7n, kept), event(8n, 'nonsense')]
  expect(logged('info', events)).toEqual([
    { level: 30, from: '4', to: '8', events: 5, traceIds: [idOf(kept), idOf(quiet)], msg: 'projected' },
  ])
})

it.each([
  ['no trace', undefined],
  ['a trace that nobody keeps', trace(1, '00')],
])('given %s, tells at debug alone', (_, traceparent) => {
  const events = [event(1n, traceparent)]
  expect(logged('info', events)).toEqual([])
  expect(logged('debug', events)).toMatchObject([{ level: 20, from: '1', to: '1', events: 1 }])
})

it('given ten thousand traces, names twenty', () => {
  const events = Array.from({ length: 10_000 }, (_, n) => event(BigInt(n + 1), trace(n + 1, '01')))
  expect(logged('info', events)).toMatchObject([{ events: 10_000, traceIds: { length: 20 } }])
})

it('given a log that does not tell it, does not look', () => {
  const unread = new Proxy([event(1n)], { get: () => expect.fail('it has looked') })
  expect(logged('warn', unread)).toEqual([])
})
