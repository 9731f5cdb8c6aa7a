/** Real servers, well, killed, stopped and full. */
import { Redis } from 'ioredis'
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import type { CheckResult } from '../../src/doctor/check.ts'
import { type ExaminedServer, serverCheck } from '../../src/doctor/checks/servers.ts'
import { Checklist } from '../../src/doctor/doctor.ts'
import { examineEventStore } from '../../src/events/eventstore/open.ts'
import { examineNats } from '../../src/events/nats/open.ts'
import { examinePostgres } from '../../src/postgres/examine.ts'
import { examineRedis } from '../../src/projections/redis-connection.ts'
import { TestServer } from '../esdb/test-server.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startProxy } from '../support/silent-proxy.ts'

/** More than any deadline of the doctor's, on a busy machine. */
const SOON_MS = 15_000
let started: number

async function look(name: string, examine: ExaminedServer['examine']): Promise<CheckResult[]> {
  started = performance.now()
  const checklist = new Checklist([serverCheck({ name, version: '1 or newer', examine })])
  return await Array.fromAsync(checklist.examine('always', new AbortController().signal))
}

const statuses = (results: readonly CheckResult[]) =>
  Object.fromEntries(results.map(({ name, status }) => [name, status]))
const of = (results: readonly CheckResult[], name: string) => results.find((each) => each.name === name)!

afterEach(() => expect(performance.now() - started).toBeLessThan(SOON_MS))

async function givenRedis(...settings: string[]): Promise<RedisServer> {
  const redis = await RedisServer.start(...settings)
  onTestFinished(() => redis.close())
  return redis
}

async function givenNats(): Promise<NatsServer> {
  const nats = await NatsServer.start()
  onTestFinished(() => nats.close())
  return nats
}

describe('Redis', { timeout: 30_000 }, () => {
  it('given one that is well, all is fine, with its version, latency, clock and memory', async () => {
    const results = await look('Redis', async () =>
      examineRedis((await givenRedis('--maxmemory', '50mb')).url),
    )
    expect(statuses(results)).toEqual({
      'Redis: reachable': 'fine',
      'Redis: version': 'fine',
      'Redis: latency': expect.stringMatching(/fine|warning/),
      'clock: Redis’s': 'fine',
      'Redis: memory': 'fine',
    })
    expect(of(results, 'Redis: version').actual).toMatch(/^\d+\.\d+/)
    expect(of(results, 'Redis: memory').actual).toMatch(/of 52\.4 MB/)
  })

  it('given one that is killed, says that nothing listens', async () => {
    const redis = await givenRedis()
    await redis.kill()
    const results = await look('Redis', () => examineRedis(redis.url))
    expect(statuses(results)).toEqual({ 'Redis: reachable': 'failed' })
    expect(results[0]!.actual).toMatch(/^REDIS_URL: nothing listens on 127\.0\.0\.1/)
    expect(results[0]!.advice).toContain('Start Redis')
  })

  it('given one that is stopped, says that it does not answer, and hangs nobody', async () => {
    const redis = await givenRedis()
    redis.pause()
    const results = await look('Redis', () => examineRedis(redis.url))
    expect(statuses(results)).toEqual({ 'Redis: reachable': 'failed' })
    expect(results[0]!.actual).toMatch(/^REDIS_URL: 127\.0\.0\.1:\d+ does not answer/)
  })

  it('given one that is nearly full, fails for its memory alone', async () => {
    const server = await givenRedis('--maxmemory', '8mb')
    const redis = new Redis(server.url)
    for (let index = 0; await redis.set(`key${index}`, 'x'.repeat(10_000)).catch(() => null); index++);
    redis.disconnect()
    const results = await look('Redis', () => examineRedis(server.url))
    expect(results.filter(({ status }) => status === 'failed').map(({ name }) => name)).toEqual([
      'Redis: memory',
    ])
    expect(of(results, 'Redis: memory').actual).toMatch(/(9[5-9]|1\d\d) %$/)
  })

  it('given a user who may not ask it about itself, says so instead of failing', async () => {
    const server = await givenRedis()
    const admin = new Redis(server.url)
    await admin.acl('SETUSER', 'tax', 'on', '>secret', '~*', '&*', '+@all', '-info', '-time')
    admin.disconnect()
    const url = server.url.replace('redis://', 'redis://tax:secret@')
    const results = await look('Redis', () => examineRedis(url))
    expect(of(results, 'Redis: version').actual).toBe('it does not say')
    expect(results.every(({ status }) => status !== 'failed')).toBe(true)
  })
})

describe('NATS', { timeout: 30_000 }, () => {
  it('given one that is well, killed and stopped, says which', async () => {
    const nats = await givenNats()
    const well = await look('NATS', () => examineNats(nats.url))
    expect(well.map(({ name }) => name)).toEqual(['NATS: reachable', 'NATS: version', 'NATS: latency'])
    expect(well.every(({ status }) => status !== 'failed')).toBe(true)
    nats.pause()
    const stopped = await look('NATS', () => examineNats(nats.url))
    expect(stopped).toMatchObject([{ name: 'NATS: reachable', status: 'failed' }])
    expect(stopped[0]!.actual).toMatch(/NATS_URL: .*does not answer/)
    await nats.kill()
    const killed = await look('NATS', () => examineNats(nats.url))
    expect(killed[0]).toMatchObject({
      status: 'failed',
      actual: expect.stringMatching(/^NATS_URL: nothing listens/),
    })
  })

  it('given one without JetStream, fails', async () => {
    const nats = await givenNats()
    await nats.kill()
    await nats.restart({ jetStream: false })
    const results = await look('NATS', () => examineNats(nats.url))
    expect(results).toMatchObject([{ status: 'failed', actual: expect.stringContaining('JetStream') }])
  })
})

describe('PostgreSQL', { timeout: 30_000 }, () => {
  it('given one that is well, all is fine', async () => {
    const results = await look('PostgreSQL', () => examinePostgres(inject('serverUrl')))
    expect(of(results, 'clock: PostgreSQL’s').status).toBe('fine')
    expect(of(results, 'PostgreSQL: reachable').actual).toMatch(/^answers; \d+ of \d+ connections$/)
    expect(of(results, 'PostgreSQL: version').actual).toMatch(/^1[5-9]/)
  })

  it('given one that takes connections and says nothing, or does not listen, says so', async () => {
    const { port } = new URL(inject('serverUrl'))
    const proxy = await startProxy(Number(port))
    const url = proxy.through(inject('serverUrl'))
    proxy.silenceAll()
    const silent = await look('PostgreSQL', () => examinePostgres(url))
    expect(silent).toMatchObject([
      {
        status: 'failed',
        actual: expect.stringMatching(/^DATABASE_URL: .* takes connections and does not answer/),
      },
    ])
    await proxy.close()
    const refusing = await look('PostgreSQL', () => examinePostgres(url))
    expect(refusing).toMatchObject([{ status: 'failed', actual: expect.stringContaining('nothing listens') }])
    expect(JSON.stringify(refusing)).not.toContain(new URL(url).password || 'no password')
  })
})

describe('EventStoreDB', { timeout: 30_000 }, () => {
  it('given one that is well, and then not ready, says which', async () => {
    const server = await TestServer.start()
    onTestFinished(() => server.close())
    const well = await look('EventStoreDB', () => examineEventStore(server.url))
    expect(statuses(well)).toMatchObject({
      'EventStoreDB: reachable': 'fine',
      'EventStoreDB: version': 'fine',
    })
    const ask = () => look('EventStoreDB', () => examineEventStore(server.url))
    server.silent = true
    expect(await ask()).toMatchObject([
      { status: 'failed', actual: expect.stringMatching(/^EVENT_STORE_URL: .*silent/) },
    ])
    server.silent = false
    server.unavailable = true
    expect(await ask()).toMatchObject([
      { status: 'failed', actual: expect.stringMatching(/^EVENT_STORE_URL: .*not ready/) },
    ])
  })
})

describe('a clock', () => {
  it.each([
    [500, 10, 'fine'],
    [-500, 10, 'fine'],
    [5000, 10, 'warning'],
    // It may as well be right: it took four seconds to ask.
    [4000, 4000, 'fine'],
    [-90_000, 10, 'failed'],
  ])('given one that is ahead by %i ms, give or take %i, is %s', async (aheadMs, uncertainMs, status) => {
    const report = { version: '1', latencyMs: 1, clock: { aheadMs, uncertainMs } }
    const results = await look('PostgreSQL', async () => report)
    expect(of(results, 'clock: PostgreSQL’s')).toMatchObject({ status })
  })
})
