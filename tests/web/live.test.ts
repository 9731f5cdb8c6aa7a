/** What a socket that watches a poll is told, and how it ends. */
import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { closePoll } from '../../src/commands/close-poll.ts'
import { openPoll } from '../../src/commands/open-poll.ts'
import { submitAllocation } from '../../src/commands/submit-allocation.ts'
import { openedPoll, type PollAggregate } from '../../src/projections/poll-aggregate.ts'
import { Readiness } from '../../src/readiness.ts'
import { LiveView } from '../../src/web/live/live-view.ts'
import { buildServer } from '../../src/web/server.ts'
import { eventually } from '../support/eventually.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { startProxy } from '../support/silent-proxy.ts'
import { ask, expectDescribed, expectProblem, submit } from './api-client.ts'
import { contextOf } from './context.ts'
import { type Message, type Watcher, watch } from './live-client.ts'
import { askRaw } from './raw-client.ts'

let service: TestService
const watchers: Watcher[] = []
beforeAll(async () => {
  service = await startTestService()
  await eventually(async () =>
    expect((await ask(`${service.url}/api/polls/us-federal/live`)).status).toBe(200),
  )
})
afterEach(() => {
  for (const watcher of watchers.splice(0)) watcher.socket.terminate()
})
afterAll(() => service.close())

async function given(url = service.url, options?: Parameters<typeof watch>[1]): Promise<Watcher> {
  const watcher = await watch(url, options)
  watchers.push(watcher)
  return watcher
}

/** A second server on the same data, with something about it changed. */
async function givenServer(
  changes: Parameters<typeof contextOf>[1],
): Promise<{ app: FastifyInstance; url: string }> {
  const app = await buildServer(contextOf(service, changes))
  onTestFinished(() => app.close())
  return { app, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

const counted = async (): Promise<number> =>
  ((await ask(`${service.url}/api/polls/us-federal/live`)).json as Message).submissions.counted

/** Submits, and waits for nothing. */
const submitHealth = (health: number) =>
  submitAllocation(service.services.commands, {
    poll: 'us-federal',
    allocation: { health, other: 10_000 - health },
    via: 'simulation',
  })

const plain = (id: string) => ({ id, label: id, description: '', colour: '#2b6cb0' })

const closedBy = (reason: string) => `taxbudget_live_sockets_closed_total{reason="${reason}"}`

const figure = async (name: string): Promise<number> => {
  const { text } = await ask(`${service.url}/metrics`)
  return Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

describe('a socket', () => {
  it('is told the present state at once, and each new one after it, as GET tells them', async () => {
    const before = await counted()
    const watcher = await given()
    expect(LiveView.parse(await watcher.sees(before))).toEqual(
      (await ask(`${service.url}/api/polls/us-federal/live`)).json,
    )
    await submit(service.url)
    const view = await watcher.sees(before + 1)
    expect(LiveView.parse(view)).toEqual(view)
    expect((await ask(`${service.url}/api/polls/us-federal/live`)).json).toEqual(view)
  })

  it('has the numbers of the results, rounded to a whole, and a histogram in columns', async () => {
    const watcher = await given()
    const before = await counted()
    for (const health of [0, 200, 500, 600, 10_000]) await submitHealth(health)
    const view = await watcher.sees(before + 5)
    const { json } = await ask(`${service.url}/api/polls/us-federal/results`)
    const results = json as Message & { categories: { sum: number; histogram: [number, number][] }[] }
    expect(view).toMatchObject({
      position: results.position,
      asOf: results.asOf,
      submissions: results.submissions,
    })
    for (const name of ['mean', 'truthful'] as const) {
      expect(view.categories.reduce((sum, category) => sum + category[name]!, 0)).toBe(10_000)
      for (const [index, category] of view.categories.entries())
        expect(Math.abs(category[name]! - results.categories[index]![name]!)).toBeLessThanOrEqual(10)
    }
    for (const [index, { id, median, p25, p75, zeros, bins }] of view.categories.entries()) {
      const { histogram, ...rest } = results.categories[index]!
      expect(rest).toMatchObject({ id, median, p25, p75, zeros })
      const columns = new Array<number>(21).fill(0)
      for (const [value, times] of histogram) columns[Math.ceil(value / 500)]! += times
      expect(bins).toEqual(columns)
    }
  })

  it('is told at most four times a second however much comes, always forward, and the last state in the end', async () => {
    const watcher = await given()
    const before = watcher.messages.length
    const started = performance.now()
    const submitted: bigint[] = []
    while (performance.now() - started < 2000 || submitted.length < 40) {
      const few = await Promise.all([1, 2, 3, 4].map(() => submit(service.url)))
      submitted.push(...few.map(({ position }) => BigInt(position)))
    }
    const last = submitted.toSorted((a, b) => (a < b ? -1 : 1)).at(-1)!
    await eventually(() =>
      expect(BigInt(watcher.messages.at(-1)!.view.position)).toBeGreaterThanOrEqual(last),
    )
    const seconds = (performance.now() - started) / 1000
    const received = watcher.messages.slice(before)
    expect(received.length).toBeGreaterThan(1)
    expect(received.length).toBeLessThan(submitted.length)
    expect(received.length).toBeLessThanOrEqual(4 * seconds + 2)
    const positions = received.map(({ view }) => BigInt(view.position))
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
  })

  it('hears of its own poll alone, and that it was closed', async () => {
    const definition = { poll: 'parks', title: 'Parks', step: 100, baselines: [] }
    await openPoll(service.services.commands, { ...definition, categories: [plain('a'), plain('b')] })
    await eventually(async () => expect((await ask(`${service.url}/api/polls/parks/live`)).status).toBe(200))
    const [parks, federal] = [await given(service.url, { poll: 'parks' }), await given()]
    await parks.sees(0)
    expect(parks.messages[0]!.view.categories.map(({ mean, truthful }) => [mean, truthful])).toEqual([
      [null, null],
      [null, null],
    ])
    await closePoll(service.services.commands, 'parks', 'anna')
    await eventually(() => expect(parks.messages.at(-1)!.view.status).toBe('closed'))
    expect(new Set(parks.messages.map(({ view }) => view.poll))).toEqual(new Set(['parks']))
    expect(new Set(federal.messages.map(({ view }) => view.poll))).toEqual(new Set(['us-federal']))
  })

  it('may be opened from anywhere: what it tells is public', async () => {
    await (await given(service.url, { origin: 'https://elsewhere.example' })).sees(await counted())
    const { headers } = await ask(`${service.url}/api/polls/us-federal/live`)
    expect(headers.get('access-control-allow-origin')).toBe('*')
  })

  it('is counted while it is open, and by why it ended', async () => {
    await eventually(async () => expect(await figure('taxbudget_live_sockets')).toBe(0))
    const watcher = await given()
    expect(await figure('taxbudget_live_sockets')).toBe(1)
    watcher.close()
    await eventually(async () => expect(await figure('taxbudget_live_sockets')).toBe(0))
    expect(await figure(closedBy('left'))).toBeGreaterThan(0)
    expect(await figure('taxbudget_live_messages_total')).toBeGreaterThan(0)
  })
})

describe('what is refused', () => {
  /** The answer to a handshake that is not taken. */
  const refusal = (poll: string): Promise<number> =>
    watch(service.url, { poll }).then(
      () => 101,
      ({ message }: Error) => Number(/\d{3}/.exec(message)?.[0]),
    )
  const handshake = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }

  it('is a poll that does not exist: 404, as anywhere, and the connection ends', async () => {
    expect(await refusal('nope')).toBe(404)
    const path = '/api/polls/nope/live'
    expectProblem(
      await askRaw(service.url, { method: 'GET', path, headers: { ...handshake, ...key } }),
      'POLL_NOT_FOUND',
    )
    expectProblem(await ask(service.url + path), 'POLL_NOT_FOUND')
  })

  it.each<[string, Record<string, string>]>([
    ['without a key', handshake],
    ['of an unknown version', { ...handshake, ...key, 'sec-websocket-version': '7' }],
  ])('is a handshake %s: 400', async (_, headers) => {
    const answer = await askRaw(service.url, { method: 'GET', path: '/api/polls/us-federal/live', headers })
    expectProblem(answer, 'MALFORMED_REQUEST')
    expect(answer.text).toContain('WebSocket handshake')
  })

  it('is no other request that asks for an upgrade: it is answered as without it', async () => {
    for (const [path, headers] of [
      ['/api/polls/us-federal/live', { ...handshake, upgrade: 'h2c' }],
      ['/api/polls', { ...handshake, ...key }],
      ['/results', { ...handshake, ...key }],
    ] as const)
      expect((await askRaw(service.url, { method: 'GET', path, headers })).status).toBe(200)
    const posted = await askRaw(service.url, {
      method: 'POST',
      path: '/api/polls/us-federal/live',
      headers: { ...handshake, ...key },
    })
    expectProblem(posted, 'METHOD_NOT_ALLOWED')
  })

  it('is whoever sends something: closed with 1008, and what is long with 1009', async () => {
    const [talker, shouter] = [await given(), await given()]
    talker.socket.send('hello')
    shouter.socket.send('hello'.repeat(100))
    await eventually(() => expect([talker.closed?.code, shouter.closed?.code]).toEqual([1008, 1009]))
  })

  it('are more than there is room for, in all or from one address: closed with 1013, until somebody leaves', async () => {
    const { url } = await givenServer({ trustProxy: true, live: { sockets: 4, socketsPerAddress: 2 } })
    const from = (address: string) => given(url, { headers: { 'x-forwarded-for': address } })
    const [first] = [await from('192.0.2.1'), await from('192.0.2.1')]
    const third = await from('192.0.2.1')
    await eventually(() => expect(third.closed).toEqual({ code: 1013, reason: 'too many are watching' }))
    const others = [await from('192.0.2.2'), await from('192.0.2.3')]
    const fifth = await from('192.0.2.4')
    await eventually(() => expect(fifth.closed?.code).toBe(1013))
    expect(fifth.messages).toEqual([])
    first!.close()
    await eventually(() => expect(first!.closed).toBeDefined())
    await eventually(async () => {
      const again = await from('192.0.2.1')
      await eventually(() => expect(again.messages.length + (again.closed ? 1 : 0)).toBeGreaterThan(0))
      expect(again.closed).toBeUndefined()
    })
    for (const other of others) expect(other.closed).toBeUndefined()
  })

  it('hangs up on nobody else: whoever leaves in the middle of a handshake does no harm', async () => {
    const { hostname, port } = new URL(service.url)
    for (let i = 0; i < 20; i++) {
      const sent = request({
        hostname,
        port,
        path: '/api/polls/us-federal/live',
        headers: { ...handshake, ...key },
        agent: false,
      })
      sent.on('error', () => {})
      sent.end()
      await once(sent, 'socket')
      sent.destroy()
    }
    await (await given()).sees(await counted())
  })
})

describe('GET', () => {
  it('gives the same as one message, cached as results are, and 304 to who has it', async () => {
    const url = `${service.url}/api/polls/us-federal/live`
    const answer = await ask(url)
    expectDescribed(answer, LiveView)
    expect(answer.headers.get('cache-control')).toContain('stale-while-revalidate')
    const etag = answer.headers.get('etag')!
    const again = await ask(url, { headers: { 'if-none-match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
    const { headers } = await ask(`${service.url}/api/polls/us-federal/results`)
    expect(headers.get('etag')).toBe(etag)
  })
})

describe('the end', () => {
  it('is told as soon as it begins, while everything else is still answered, and to whoever comes after', async () => {
    const readiness = new Readiness()
    const { url } = await givenServer({ readiness })
    const watcher = await given(url)
    readiness.end()
    const restarting = { code: 1012, reason: 'restarting' }
    await eventually(() => expect(watcher.closed).toEqual(restarting))
    const late = await given(url)
    await eventually(() => expect(late.closed).toEqual(restarting))
    expect(late.messages).toEqual([])
    expect((await ask(`${url}/api/polls/us-federal/live`)).status).toBe(200)
  })

  it('of the process is told with 1012, and nobody holds it up: not even who does not answer', async () => {
    const { app, url } = await givenServer({})
    const proxy = await startProxy(Number(new URL(url).port))
    onTestFinished(() => proxy.close())
    const [watcher, deaf] = [await given(url), await given(`http://127.0.0.1:${proxy.port}`)]
    proxy.silence()
    const started = performance.now()
    await app.close()
    expect(performance.now() - started).toBeLessThan(5000)
    await eventually(() => expect(watcher.closed).toEqual({ code: 1012, reason: 'restarting' }))
    expect(deaf.closed).toBeUndefined()
  })

  it('comes for who is silent: an open connection without anybody behind it is given up', async () => {
    const { app, url } = await givenServer({ live: { pingMs: 1000 } })
    const proxy = await startProxy((app.server.address() as AddressInfo).port)
    onTestFinished(() => proxy.close())
    const [watcher] = [await given(url), await given(`http://127.0.0.1:${proxy.port}`)]
    const silent = await figure(closedBy('silent'))
    proxy.silence()
    await eventually(async () => expect(await figure(closedBy('silent'))).toBe((silent || 0) + 1))
    expect(watcher!.closed).toBeUndefined()
  })

  it('is not a long silence: the same is told again, so that who listens knows that it still does', async () => {
    const { url } = await givenServer({ live: { pingMs: 1000 } })
    const watcher = await given(url)
    await eventually(() => expect(watcher.messages.length).toBeGreaterThan(2))
    expect(new Set(watcher.messages.map(({ view }) => view.position)).size).toBe(1)
  })

  it('comes for who does not read, once nothing more fits on the way; others go on', async () => {
    const news = new EventEmitter<{ change: [PollAggregate] }>()
    const large = {
      ...{ poll: 'large', title: 'Large', step: 100, baselines: [] },
      categories: Array.from({ length: 100 }, (_, i) => ({ ...plain(`c-${i}`), description: '' })),
    }
    let aggregate = openedPoll(large, 1n, '2026-11-23T10:00:00.000Z')
    const { url } = await givenServer({
      snapshots: {
        onChange: (listener) => {
          news.on('change', listener)
          return () => news.off('change', listener)
        },
      },
      results: { ...service.services.results, results: async () => ({ tier: 'snapshot', aggregate }) },
      live: { tickMs: 1, stallMs: 200 },
    })
    const [slow, other] = [await given(url, { poll: 'large' }), await given(url, { poll: 'large' })]
    const before = (await figure(closedBy('slow'))) || 0
    slow.socket.pause()
    const moving = setInterval(() => {
      aggregate = openedPoll(large, aggregate.position + 1n, aggregate.asOf)
      news.emit('change', aggregate)
    }, 1)
    onTestFinished(() => clearInterval(moving))
    await eventually(async () => expect(await figure(closedBy('slow'))).toBe(before + 1), 60_000)
    clearInterval(moving)
    await eventually(() => expect(other.messages.at(-1)!.view.position).toBe(String(aggregate.position)))
    expect(other.closed).toBeUndefined()
  }, 90_000)
})
