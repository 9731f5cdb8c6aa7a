/** `taxbudget doctor` beside a running service and without one, while servers and parts of it are well or are not. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { holdAdvisoryLock, locks } from '../../src/postgres/advisory-lock.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { startProxy } from '../support/silent-proxy.ts'
import { execute } from '../support/stored-periods.ts'
import { rightAllocation, submit } from '../web/api-client.ts'
import { runCli, runHere } from './command-line.ts'

const Report = z.strictObject({
  routine: z.string(),
  healthy: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['fine', 'warning', 'failed']),
      expected: z.string(),
      actual: z.string(),
      advice: z.string().optional(),
    }),
  ),
})

let redis: RedisServer
let nats: NatsServer
let service: TestService
let environment: Record<string, string>

beforeAll(async () => {
  ;[redis, nats] = await Promise.all([RedisServer.start(), NatsServer.start()])
  service = await startTestService({ REDIS_URL: redis.url, NATS_URL: nats.url })
  const { databaseUrl, dataDir } = service.config
  environment = { DATABASE_URL: databaseUrl!, DATA_DIR: dataDir, REDIS_URL: redis.url, NATS_URL: nats.url }
  await submit(service.url, rightAllocation)
})
afterAll(async () => {
  await service?.close()
  await Promise.all([redis?.close(), nats?.close()])
})
afterEach(() => redis.resume())

async function examine(args: readonly string[] = [], change: Record<string, string> = {}) {
  const ran = await runHere(['doctor', '--json', ...args], { ...environment, ...change })
  const report = Report.parse(JSON.parse(ran.stdout))
  const of = (name: string) => report.checks.find((check) => check.name === name)
  const failed = report.checks.filter(({ status }) => status === 'failed').map(({ name }) => name)
  return { ...ran, ...report, of, failed }
}

/** What is not the service’s: the disk of whoever runs the tests. */
const ofOurs = (names: readonly string[]) => names.filter((name) => !name.startsWith('disk: '))

describe('taxbudget doctor', { timeout: 60_000 }, () => {
  it('beside a service that is well, finds nothing that has failed, and ends with 0', async () => {
    const found = await eventually(async () => {
      const examined = await examine()
      expect(ofOurs(examined.failed)).toEqual([])
      expect(examined.of(`lag: relay, ${nameOfProcess(examined.checks)}`)?.actual).toBe('level with the log')
      return examined
    }, 30_000)
    expect(found).toMatchObject({ code: found.failed.length === 0 ? 0 : 1, routine: 'always' })
    for (const name of [
      'PostgreSQL: version',
      'NATS: latency',
      'Redis: reachable',
      'clock: Redis’s',
      'clock: PostgreSQL’s',
      'disk: ARCHIVE_DIR',
      'processes: web',
      'processes: relay',
      'processes: active, results',
      'processes: version',
      'lag: results',
      'lag: periods',
      'lag: submissions',
      'backlog',
      'parked events',
      'builds',
      'snapshots: hit rate',
      'database: growth',
      'partitions: periods',
      'partitions: event log',
      'archives',
      'backup: last verified',
    ])
      expect(found.of(name), name).toBeDefined()
    expect(found.of('backup: last verified')).toMatchObject({ status: 'warning', actual: 'never' })
    expect(found.of('EventStoreDB: reachable')?.actual).toContain('not used')
  })

  it('told to people, shows expected beside actual, and what to do about it', async () => {
    const { stdout, stderr } = await runCli(['doctor'], environment)
    expect(stdout).toMatch(/^✓ Redis: version {2,}6 or newer {2,}\d+\.\d+/m)
    expect(stdout).toMatch(/^! backup: last verified .* never\n {2}→ Make one with `taxbudget backup FILE`/m)
    expect(stderr).toMatch(/\d+ fine, \d+ to be looked at, \d+ failed\./)
  })

  it('given parked events, warns, which is no failure', async () => {
    const park = `insert into parked_events (version, position, poll, stream, type, error)
                  values (1, 1, null, 'poll-x', 'PollOpened', 'broken')`
    await execute(environment.DATABASE_URL!, park)
    const found = await examine()
    await execute(environment.DATABASE_URL!, 'delete from parked_events')
    expect(found.of('parked events')).toMatchObject({ status: 'warning', actual: '1' })
    expect(ofOurs(found.failed)).toEqual([])
  })

  it('given a backup that could not be restored, fails', async () => {
    await execute(
      environment.DATABASE_URL!,
      `create table if not exists backups (id uuid primary key, file text, sha256 text, position bigint, events bigint,
                             made_at timestamptz, verified_at timestamptz, verified boolean, error text)`,
      `insert into backups (id, file, sha256, position, events, made_at, verified_at, verified, error)
       values (gen_random_uuid(), 'old', '', 1, 1, now() - interval '3 days', now() - interval '3 days', true, null),
              (gen_random_uuid(), 'new', '', 1, 1, now(), now(), false, 'the sums differ')`,
    )
    const found = await examine()
    await execute(environment.DATABASE_URL!, 'delete from backups')
    expect(found.of('backup: last verified')).toMatchObject({
      status: 'fine',
      actual: 'made 3 days ago, and verified',
    })
    expect(found.of('backup: last verification')).toMatchObject({
      status: 'failed',
      actual: 'new: the sums differ',
    })
    expect(found.code).toBe(1)
  })

  it('given a Redis that is stopped, says so, looks at the rest, and ends with 1 within seconds', async () => {
    redis.pause()
    const started = performance.now()
    const found = await examine()
    expect(performance.now() - started).toBeLessThan(30_000)
    expect(found).toMatchObject({ code: 1, healthy: false })
    expect(found.failed).toContain('Redis: reachable')
    expect(found.of('Redis: reachable')?.actual).toContain('does not answer')
    expect(found.of('lag: results')).toBeDefined()
  })

  it('given a PostgreSQL that is silent, or does not listen, tells what can be told without it', async () => {
    const proxy = await startProxy(Number(new URL(environment.DATABASE_URL!).port))
    const change = { DATABASE_URL: proxy.through(environment.DATABASE_URL!) }
    proxy.silenceAll()
    const started = performance.now()
    const silent = await examine([], change)
    expect(performance.now() - started).toBeLessThan(40_000)
    await proxy.close()
    const refusing = await examine([], change)
    for (const { code, of, failed } of [silent, refusing]) {
      expect(code).toBe(1)
      expect(ofOurs(failed)).toEqual(['PostgreSQL: reachable', 'what the database tells'])
      expect(of('Redis: reachable')?.status).toBe('fine')
    }
    expect(silent.of('PostgreSQL: reachable')?.actual).toContain('does not answer')
    expect(refusing.of('PostgreSQL: reachable')?.actual).toContain('nothing listens')
  })

  it('weekly, compares everything with a replay: one integer that is wrong is found', async () => {
    await eventually(async () => {
      const right = await examine(['--weekly'])
      expect(right.of('consistency: us-federal')).toMatchObject({
        status: 'fine',
        actual: 'the same, 1 counted',
      })
      expect(right.routine).toBe('weekly')
    })
    const change = (sign: string) =>
      execute(environment.DATABASE_URL!, `update poll_aggregates set withdrawn = withdrawn ${sign} 1`)
    await change('+')
    const wrong = await examine(['--weekly'])
    await change('-')
    expect(wrong.of('consistency: us-federal')).toMatchObject({ status: 'failed' })
    expect(wrong.code).toBe(1)
  })

  it('daily and monthly, looks at what belongs to them', async () => {
    const daily = await examine(['--daily'])
    expect(daily.checks.some(({ name }) => name.startsWith('errors since the start: '))).toBe(true)
    expect(daily.of('load test')).toBeUndefined()
    const monthly = await examine(['--monthly'])
    expect(monthly.of('load test')).toMatchObject({ status: 'warning', actual: 'none known' })
    expect(monthly.of('updates')?.status).toMatch(/fine|warning/)
  })

  it('asked for two routines at once, says how it is used and ends with 2', async () => {
    const { code, stderr } = await runHere(['doctor', '--daily', '--weekly'], environment)
    expect(code).toBe(2)
    expect(stderr).toContain('usage: taxbudget doctor [--config] [--daily] [--weekly] [--monthly] [--json]')
  })
})

const nameOfProcess = (checks: readonly { readonly name: string }[]): string =>
  checks.find(({ name }) => name.startsWith('response times: '))?.name.replace('response times: ', '') ?? ''

describe('without a service', { timeout: 60_000 }, () => {
  it('given events that nobody projects, says since when, and that nobody is there', async () => {
    const database = await createTestDatabase()
    const folder = await mkdtemp(join(tmpdir(), 'taxbudget-doctor-'))
    const alone = { DATABASE_URL: database.url, DATA_DIR: folder, REDIS_URL: '', NATS_URL: '' }
    // Another program holds the projector's place, and does nothing.
    const idle = await holdAdvisoryLock(
      database.url,
      locks.categoryAggregateProjector,
      new AbortController().signal,
    )
    await execute(
      database.url,
      `select append_events('poll-x', '-1', '0', '00000000-0000-4000-8000-000000000000', 'Odd', '1', '{}', '')`,
      `update events set recorded_at = recorded_at - interval '1 second'`,
    )
    const found = await examine([], alone)
    await idle.release()
    await rm(folder, { recursive: true, force: true })
    await database.drop()
    expect(found.code).toBe(1)
    expect(found.failed).toEqual(expect.arrayContaining(['processes: web', 'processes: active, results']))
    expect(found.of('processes: relay')).toBeUndefined()
    expect(found.of('lag: results')?.actual).toMatch(/^1 event behind, for [1-9]\d* seconds?$/)
    expect(found.of('backlog')?.actual).toBe('1 event')
  })
})
