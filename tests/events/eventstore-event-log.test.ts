/** What the contract suite cannot see of the EventStoreDB log: its server's faults, filters, TLS, leaders. */
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  EventLogUnavailable,
  type NewEvent,
  NO_STREAM,
  type RecordedEvent,
  START,
} from '../../src/events/event-log.ts'
import { EventStoreEventLog } from '../../src/events/eventstore-event-log.ts'
import { makeCertificate } from '../esdb/certificate.ts'
import { TestServer, type TestServerOptions } from '../esdb/test-server.ts'
import { eventually } from '../support/eventually.ts'

const event = (n = 1): NewEvent => ({ id: randomUUID(), type: 'Tested', schemaVersion: 1, data: { n } })
const stream = () => `poll-${randomUUID()}`

let server: TestServer
let log: EventStoreEventLog

beforeEach(async () => {
  server = await TestServer.start()
  log = open({ url: server.url })
})
afterEach(() => server.close())

function open(options: ConstructorParameters<typeof EventStoreEventLog>[0]): EventStoreEventLog {
  const opened = new EventStoreEventLog(options)
  onTestFinished(() => opened.close())
  return opened
}

async function start(options: TestServerOptions): Promise<TestServer> {
  const started = await TestServer.start(options)
  onTestFinished(() => started.close())
  return started
}

async function numbers(from: EventStoreEventLog, range: { after?: bigint; upTo?: bigint } = {}) {
  const events: RecordedEvent[] = []
  for await (const batch of from.readAll({ after: START, ...range })) events.push(...batch)
  return numbersOf(events)
}

const numbersOf = (events: readonly RecordedEvent[]) => events.map(({ data }) => (data as { n: number }).n)

function follow(followed: EventStoreEventLog, after = START) {
  const seen: RecordedEvent[] = []
  const connection: string[] = []
  const stop = new AbortController()
  const onConnection = (error?: Error) => connection.push(error ? 'lost' : 'there')
  const done = (async () => {
    const events = followed.subscribe({ after, signal: stop.signal, onConnection })
    for await (const batch of events) seen.push(...batch)
  })()
  onTestFinished(async () => {
    stop.abort()
    await done
  })
  return { seen, connection }
}

describe('an append whose outcome is unknown', () => {
  it('given the answer is lost, then it is repeated, and was written once, by us', async () => {
    server.lostAnswers = 2
    const name = stream()
    const outcome = await log.append(name, [event(), event()], NO_STREAM)
    expect(outcome).toMatchObject({ revision: 1, repeated: false })
    expect(server.store.stream(name)).toHaveLength(2)
    expect(server.calls.append).toBe(3)
  })

  it('given the server is not ready for a moment, then it is written when it is', async () => {
    server.unavailable = true
    const appended = log.append(stream(), [event()], NO_STREAM)
    await new Promise((resolve) => setTimeout(resolve, 300))
    server.unavailable = false
    expect(await appended).toMatchObject({ revision: 0, repeated: false })
  })

  it.each([
    ['is not ready', () => (server.unavailable = true)],
    ['is silent', () => (server.silent = true)],
    ['refuses connections', () => server.stop()],
  ])('given the server %s, then EventLogUnavailable comes at the deadline', async (_, trouble) => {
    await trouble()
    const hurried = open({ url: server.url, deadlineMs: 700 })
    const started = performance.now()
    const attempts = [
      hurried.append(stream(), [event()], NO_STREAM),
      hurried.readStream(stream()),
      hurried.head(),
      numbers(hurried),
    ]
    for (const outcome of await Promise.allSettled(attempts))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventLogUnavailable) })
    expect(performance.now() - started).toBeLessThan(4500)
  })

  it('given throwOnAppendFailure=false in the URL, then a conflict still names the actual revision', async () => {
    const quiet = open({ url: `${server.url}&throwOnAppendFailure=false` })
    const name = stream()
    await quiet.append(name, [event(), event(), event()], NO_STREAM)
    await expect(quiet.append(name, [event()], 0)).rejects.toMatchObject({ expected: 0, actual: 2 })
  })
})

describe('a server with more than our events', () => {
  it('given events of others, then they are in no reading, and the head is the last of ours', async () => {
    await log.append(stream(), [event(1)], NO_STREAM)
    server.store.addForeign(700)
    server.store.addForeign(1, stream())
    const { position } = await log.append(`submission-${randomUUID()}`, [event(2)], NO_STREAM)
    await log.append(`other-${randomUUID()}`, [event(3)], NO_STREAM)
    server.store.addForeign(700)
    const fresh = open({ url: server.url })
    expect(await fresh.head()).toBe(position)
    expect(await numbers(fresh)).toEqual([1, 2])
    const { seen } = follow(fresh)
    await eventually(() => expect(numbersOf(seen)).toEqual([1, 2]))
  })

  it('given a bound that is no event of ours, then what stands before it is read', async () => {
    const { position } = await log.append(stream(), [event(1)], NO_STREAM)
    server.store.addForeign(3)
    await log.append(stream(), [event(2)], NO_STREAM)
    expect(await numbers(log, { upTo: position + 1n })).toEqual([1])
    expect(await numbers(log, { upTo: position - 1n })).toEqual([])
    expect(await numbers(log, { upTo: 2n ** 63n - 1n })).toEqual([1, 2])
  })

  it('given two prefixes, then two logs that know nothing of each other', async () => {
    const [one, two] = [open({ url: server.url, prefix: 'one-' }), open({ url: server.url, prefix: 'two-' })]
    await one.append('poll-x', [event(1)], NO_STREAM)
    await two.append('poll-x', [event(2)], NO_STREAM)
    expect([await numbers(one), await numbers(two), await numbers(log)]).toEqual([[1], [2], []])
    expect((await one.readStream('poll-x'))[0]!.stream).toBe('poll-x')
  })
})

describe('a subscription', () => {
  it('given an idle filter and a lost connection, then it goes on from the checkpoint, not from our last event', async () => {
    const { position } = await log.append(stream(), [event(1)], NO_STREAM)
    const { seen } = follow(log)
    await eventually(() => expect(seen).toHaveLength(1))
    server.store.addForeign(2500)
    await eventually(async () => {
      server.cut()
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(server.subscribedFrom.at(-1)).toBeGreaterThan(position)
    })
    await log.append(stream(), [event(2)], NO_STREAM)
    await eventually(() => expect(numbersOf(seen)).toEqual([1, 2]))
  })

  it('given it was told of the end of the log and was lost there, then it does not miss the next event', async () => {
    const { seen } = follow(log)
    await eventually(() => expect(server.calls.subscribe).toBe(1))
    for (let n = 1; n <= 3; n++) {
      const end = server.store.end
      await eventually(() => {
        server.cut()
        expect(server.subscribedFrom.at(-1)).toBe(end)
      })
      await log.append(stream(), [event(n)], NO_STREAM)
      await eventually(() => expect(seen).toHaveLength(n))
    }
    expect(numbersOf(seen)).toEqual([1, 2, 3])
  })

  it('given the server goes and comes back with the same store, then every event once, in order', async () => {
    const { seen, connection } = follow(log)
    for (let n = 1; n <= 3; n++) {
      await log.append(stream(), [event(n)], NO_STREAM)
      await eventually(() => expect(seen).toHaveLength(n))
      await server.stop()
      await eventually(() => expect(connection.at(-1)).toBe('lost'))
      await server.listen()
      await eventually(() => expect(connection.at(-1)).toBe('there'))
    }
    await log.append(stream(), [event(4)], NO_STREAM)
    await eventually(() => expect(numbersOf(seen)).toEqual([1, 2, 3, 4]))
  })

  it('given far more events than fit in its inbox and a slow reader, then every one, in order', async () => {
    const all = Array.from({ length: 5000 }, (_, n) => n)
    for (let n = 0; n < 5000; n += 500)
      await log.append(stream(), all.slice(n, n + 500).map(event), NO_STREAM)
    const seen: number[] = []
    for await (const batch of log.readAll({ after: START })) {
      seen.push(...numbersOf(batch))
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (seen.length > 1000 && seen.length < 3000) server.cut()
    }
    expect(seen).toEqual(all)
  })
})

describe('a cluster', () => {
  it('given the node of the URL does not lead, then the leader is asked, and the next one after a change', async () => {
    const other = await start({ store: server.store })
    server.leader = other
    const { seen } = follow(log)
    await log.append(stream(), [event(1)], NO_STREAM)
    expect(other.calls.append).toBe(1)
    await eventually(() => expect(seen).toHaveLength(1))
    server.leader = undefined
    other.leader = server
    other.cut()
    const name = stream()
    expect(await log.append(name, [event(2)], NO_STREAM)).toMatchObject({ repeated: false })
    expect(await log.readStream(name)).toHaveLength(1)
    await eventually(() => expect(numbersOf(seen)).toEqual([1, 2]))
  })

  it('given several hosts, then the leader is found by gossip, and another when it is gone', async () => {
    const other = await start({ store: server.store })
    other.leader = server
    const cluster = open({ url: `esdb://127.0.0.1:${other.port},127.0.0.1:${server.port}?tls=false` })
    await cluster.append(stream(), [event(1)], NO_STREAM)
    expect([server.calls.append, other.calls.append]).toEqual([1, undefined])
    await server.stop()
    other.leader = undefined
    await cluster.append(stream(), [event(2)], NO_STREAM)
    expect(await numbers(cluster)).toEqual([1, 2])
  })

  it('given nobody can be found while an older call is lost, then calls fail, and the process goes on', async () => {
    const url = `esdb://127.0.0.1:${server.port},127.0.0.1:${server.port}?tls=false`
    const cluster = open({ url, deadlineMs: 1500 })
    await cluster.head()
    const name = stream()
    const release = server.store.hold(name)
    const held = cluster.append(name, [event()], NO_STREAM)
    await eventually(() => expect(server.calls.append).toBe(1))
    server.unavailable = true
    const searching = cluster.head()
    const { gossip = 0 } = server.calls
    await eventually(() => expect(server.calls.gossip).toBeGreaterThan(gossip + 1))
    server.cut()
    for (const outcome of await Promise.allSettled([held, searching]))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventLogUnavailable) })
    server.unavailable = false
    release()
    await eventually(() => cluster.append(stream(), [event()], NO_STREAM))
  })
})

describe('TLS and credentials', () => {
  it('are taken from the URL; a wrong password is told', async () => {
    const tls = makeCertificate()
    const file = join(tmpdir(), `${randomUUID()}.pem`)
    await writeFile(file, tls.certificate)
    const guarded = await start({ tls, credentials: { username: 'me', password: 'p@ss/word' } })
    const at = (user: string) =>
      `esdb://${user}127.0.0.1:${guarded.port}?tls=true&tlsCAFile=${encodeURIComponent(file)}`
    const ours = open({ url: at('me:p%40ss%2Fword@') })
    await ours.append(stream(), [event(1)], NO_STREAM)
    const { seen } = follow(ours)
    await eventually(() => expect(numbersOf(seen)).toEqual([1]))
    await expect(open({ url: at('me:wrong@') }).head()).rejects.toThrow(/Access Denied/)
    await expect(open({ url: at('') }).append(stream(), [event()], NO_STREAM)).rejects.toThrow(
      EventLogUnavailable,
    )
    await expect(
      open({ url: `esdb://127.0.0.1:${guarded.port}?tls=true`, deadlineMs: 500 }).head(),
    ).rejects.toThrow(EventLogUnavailable)
  })
})

it('a reading that comes to its end, or is left, leaves nothing behind on the server', async () => {
  await log.append(stream(), [event(1)], NO_STREAM)
  expect(await numbers(log)).toEqual([1])
  for await (const _ of log.readAll({ after: START })) break
  for await (const _ of log.subscribe({ after: START, signal: new AbortController().signal })) break
  await eventually(() => expect(server.openReads).toBe(0))
})

it('close ends every connection, and what still follows', async () => {
  const closed = new EventStoreEventLog({ url: server.url })
  await closed.append(stream(), [event()], NO_STREAM)
  const following = (async () => {
    for await (const _ of closed.subscribe({ after: START, signal: new AbortController().signal }));
  })()
  await eventually(() => expect(server.calls.subscribe).toBeGreaterThan(0))
  await closed.close()
  await following
  await eventually(() => expect(server.connections).toBe(0))
})
