/** Real processes, started, ended and killed; and what becomes of them while PostgreSQL is away or silent. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Metrics } from '../../src/metrics/metrics.ts'
import { ClientPool } from '../../src/postgres/client-pool.ts'
import { keepBeating } from '../../src/processes/heartbeat.ts'
import { PostgresProcessRegistry } from '../../src/processes/process-registry.ts'
import { Rates } from '../../src/processes/rates.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { startProxy } from '../support/silent-proxy.ts'
import { quietPort } from '../support/world/ports.ts'
import { rightAllocation, submit } from '../web/api-client.ts'

let database: TestDatabase
let folder: string
let pool: ClientPool
let registry: PostgresProcessRegistry
let services: ServiceProcess[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'taxbudget-heartbeat-'))
  pool = new ClientPool({ databaseUrl: database.url, name: 'test', size: 1 })
  registry = new PostgresProcessRegistry(pool)
})
afterEach(async () => {
  for (const service of services) await service.destroy()
  services = []
  await pool.close()
  await rm(folder, { recursive: true, force: true })
  await database.drop()
})

async function given(roles: string): Promise<ServiceProcess> {
  const service = new ServiceProcess(folder, await quietPort(), { DATABASE_URL: database.url, ROLES: roles })
  services.push(service)
  await service.start()
  return service
}

/** Looks when nobody has been heard of for 25 seconds; who tells of itself meanwhile waits. */
const aWhileLater = <T>(look: (listed: PostgresProcessRegistry) => Promise<T>): Promise<T> =>
  pool.lend(
    async (client) => {
      await client.query(`begin; update processes set seen_at = now() - interval '25 seconds'`)
      const seen = await look(new PostgresProcessRegistry({ lend: (work) => work(client) }))
      await client.query('commit')
      return seen
    },
    { deadlineMs: 20_000 },
  )

describe('processes', { timeout: 90_000 }, () => {
  it('tell of themselves, are gone after a clean end, and stay as lost after a kill', async () => {
    const [web, worker] = await Promise.all([given('web'), given('relay,projector')])
    await submit(web.url, rightAllocation)
    await eventually(async () => {
      const listed = await registry.list()
      expect(listed.map(({ roles, url, alive }) => ({ roles, url, alive }))).toEqual(
        expect.arrayContaining([
          { roles: ['web'], url: web.url, alive: true },
          { roles: ['relay', 'projector'], url: worker.url, alive: true },
        ]),
      )
      const of = (url: string) => listed.find((each) => each.url === url)!
      expect(of(web.url).readiness).toMatchObject({ ready: true })
      expect(of(web.url).figures).toMatchObject({ keepsResults: 0, snapshotAgeSeconds: expect.any(Number) })
      expect(of(web.url).figures.requests).toBeGreaterThanOrEqual(1)
      expect(of(worker.url).figures).toMatchObject({
        keepsResults: 1,
        keepsSubmissions: 1,
        relays: 1,
        relayLagEvents: 0,
      })
      expect(of(worker.url).memory).toBeGreaterThan(10_000_000)
    }, 30_000)
    expect(await web.end('SIGTERM')).toBe(0)
    expect((await registry.list()).map(({ url }) => url)).toEqual([worker.url])
    // Nobody has heard of it for a while: one that is there changes that by itself.
    const alive = async (listed = registry) => (await listed.list()).map((each) => each.alive)
    expect(await aWhileLater(alive)).toEqual([false])
    await eventually(async () => expect(await alive()).toEqual([true]), 20_000)
    await worker.end('SIGKILL')
    expect(await aWhileLater(alive)).toEqual([false])
    expect(await alive()).toEqual([false])
  })
})

describe('a heartbeat', { timeout: 40_000 }, () => {
  const self = {
    id: '00000000-0000-4000-8000-000000000001',
    roles: ['web'],
    host: 'box',
    url: 'http://box:1',
    version: '1',
    schema: 13,
  }
  const readiness = { report: async () => ({ ready: true, checks: [] }) }

  it('given a PostgreSQL that goes silent, goes on by itself when it speaks again, and has told of it', async () => {
    const proxy = await startProxy(Number(new URL(database.url).port))
    const watched = new ClientPool({ databaseUrl: proxy.through(database.url), name: 'test', size: 1 })
    const outcomes: string[] = []
    const stop = new AbortController()
    let figure = 0
    const beating = keepBeating(
      {
        registry: new PostgresProcessRegistry(watched),
        self,
        readiness,
        figures: async () => ({ figure: ++figure, unknown: Number.NaN }),
        noteSize: async () => {},
        onOutcome: (error) => outcomes.push(error ? 'failed' : 'well'),
        everyMs: 50,
      },
      stop.signal,
    )
    const seen = async () => (await registry.list())[0]?.figures.figure ?? 0
    await eventually(async () => expect(await seen()).toBeGreaterThan(2))
    expect((await registry.list())[0]!.figures).not.toHaveProperty('unknown')
    proxy.silenceAll()
    await eventually(() => expect(outcomes).toContain('failed'), 20_000)
    const before = await seen()
    proxy.resume()
    await eventually(async () => expect(await seen()).toBeGreaterThan(before), 20_000)
    stop.abort()
    await beating
    expect(await registry.list()).toEqual([])
    await watched.close()
    await proxy.close()
  })

  it('given a PostgreSQL that is silent for good, ends within a second or two', async () => {
    const proxy = await startProxy(Number(new URL(database.url).port))
    const watched = new ClientPool({ databaseUrl: proxy.through(database.url), name: 'test', size: 1 })
    const stop = new AbortController()
    const options = { self, readiness, figures: async () => ({}), noteSize: async () => {}, everyMs: 50 }
    const beating = keepBeating({ ...options, registry: new PostgresProcessRegistry(watched) }, stop.signal)
    await eventually(async () => expect(await registry.list()).toHaveLength(1))
    proxy.silenceAll()
    stop.abort()
    expect(await Promise.race([beating.then(() => 'ended'), sleep(10_000, 'hangs')])).toBe('ended')
    await proxy.close()
    await watched.close()
  })
})

describe('figures of the last seconds', () => {
  it('given what was counted, tell its rate and its 95 %, and forget what is long ago', () => {
    let now = 0
    const metrics = new Metrics()
    const rates = new Rates(metrics, () => now)
    const answer = (times: number, ms: number, status = 200) => {
      for (let time = 0; time < times; time++) metrics.requests.answered(route, 'GET', status, ms)
    }
    const route = { url: '/results' }
    now = 10_000
    answer(90, 4)
    answer(10, 400, 503)
    metrics.appended([{ type: 'AllocationSubmitted' }, { type: 'AllocationRevised' }], 8)
    metrics.projected(50, 'category-aggregate')
    expect(rates.figures()).toMatchObject({
      requestsPerSecond: 10,
      errorsPerSecond: 1,
      submissionsPerSecond: 0.1,
      eventsPerSecond: 5,
      p95Ms: 400,
      requests: 100,
      errors: 10,
    })
    now = 40_000
    rates.figures()
    now = 55_000
    answer(30, 4)
    expect(rates.figures()).toMatchObject({
      requestsPerSecond: 2,
      errorsPerSecond: 0,
      requests: 130,
      p95MsSinceStart: 370,
    })
    expect(rates.figures().p95Ms).toBeLessThanOrEqual(5)
  })

  it('given probes and downloads, does not count them among what people wait for', () => {
    const metrics = new Metrics()
    for (const url of ['/livez', '/readyz', '/metrics', '/api/polls/:poll/submissions'])
      metrics.requests.answered({ url }, 'GET', 200, 5000)
    metrics.requests.answered({ url: '/api/polls/:poll/submissions' }, 'POST', 201, 5)
    expect(new Rates(metrics).figures()).toMatchObject({ requests: 1 })
  })
})
