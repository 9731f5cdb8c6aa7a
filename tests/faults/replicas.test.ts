/** Real streaming replication: replicas that follow, lag, die, fall silent, are promoted and go a way of their own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { RunningService } from '../../src/main.ts'
import { runHere } from '../cli/command-line.ts'
import { eventually } from '../support/eventually.ts'
import type { PostgresServer } from '../support/world/postgres-server.ts'
import {
  inUseAt,
  nameOf,
  on,
  type Replicated,
  readsOf,
  startReplicated,
} from '../support/world/replicated.ts'

interface Shown {
  readonly position: bigint
  readonly tier: string
  readonly counted: number
}

const POLL = '/api/polls/us-federal'
const PATIENCE_MS = 30_000

let world: Replicated
let one: PostgresServer
let two: PostgresServer
let web: RunningService

beforeAll(async () => {
  world = await startReplicated(2)
  ;[one, two] = world.replicas as [PostgresServer, PostgresServer]
  web = await world.web()
}, 60_000)
afterAll(() => world?.close())

async function submit(service = web): Promise<bigint> {
  const response = await fetch(`${service.url}${POLL}/submissions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ allocation: { health: 6000, education: 4000 } }),
  })
  expect(response.status).toBe(201)
  return BigInt(((await response.json()) as { position: string }).position)
}

async function results(service = web, headers: Record<string, string> = {}): Promise<Shown> {
  const response = await fetch(`${service.url}${POLL}/results`, { headers })
  expect(response.status).toBe(200)
  const { position, tier, submissions } = (await response.json()) as {
    position: string
    tier: string
    submissions: { counted: number }
  }
  return { position: BigInt(position), tier, counted: submissions.counted }
}

async function trends(service = web): Promise<bigint> {
  const response = await fetch(`${service.url}${POLL}/trends?bucket=day`)
  expect(response.status).toBe(200)
  return BigInt(((await response.json()) as { position: string }).position)
}

async function exported(service = web): Promise<number> {
  const response = await fetch(`${service.url}${POLL}/submissions?format=ndjson`)
  expect(response.status).toBe(200)
  return (await response.text()).trim().split('\n').length
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Both replicas are read, by this process. */
const bothInUse = (service = web) =>
  eventually(
    async () => expect(await inUseAt(service)).toEqual({ [nameOf(one)]: 1, [nameOf(two)]: 1 }),
    PATIENCE_MS,
  )
const inUse = (server: PostgresServer, value: 0 | 1, service = web) =>
  eventually(async () => expect((await inUseAt(service))[nameOf(server)]).toBe(value), PATIENCE_MS)

/** People who read results and trends all the time, until they are asked what they saw. */
function readers(service = web): { seen: () => Promise<{ results: bigint[]; trends: bigint[] }> } {
  const stop = new AbortController()
  const seen = { results: [] as bigint[], trends: [] as bigint[] }
  const reading = Promise.all([
    (async () => {
      for (; !stop.signal.aborted; await sleep(5)) seen.results.push((await results(service)).position)
    })(),
    (async () => {
      for (; !stop.signal.aborted; await sleep(20)) seen.trends.push(await trends(service))
    })(),
  ])
  reading.catch(() => {})
  return {
    seen: async () => {
      stop.abort()
      await reading
      return seen
    },
  }
}

function expectNeverBack({ results, trends }: { results: bigint[]; trends: bigint[] }): void {
  expect(results.length).toBeGreaterThan(10)
  for (const positions of [results, trends])
    expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)))
}

const shows = (position: bigint, service = web) =>
  eventually(async () => {
    expect((await results(service)).position).toBe(position)
    expect(await trends(service)).toBe(position)
  }, PATIENCE_MS)

/** What the doctor says of a replica, by what it looked at. */
async function examined(
  server: PostgresServer,
  change: Record<string, string> = {},
): Promise<Record<string, { status: string; actual: string }>> {
  const { stdout } = await runHere(['doctor', '--json'], { ...world.settings, ...change })
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; actual: string }[] }
  const about = `replica ${nameOf(server)}: `
  const own = checks.filter(({ name }) => name.startsWith(about))
  return Object.fromEntries(
    own.map(({ name, status, actual }) => [name.slice(about.length), { status, actual }]),
  )
}

describe('read replicas', { timeout: 90_000 }, () => {
  it('answer for results, trends and exports, and nobody sees another number than before', async () => {
    await bothInUse()
    const position = await submit()
    await shows(position)
    // A machine that is busy enough has the primary answer now and then: there is a round in which it does not.
    await eventually(async () => {
      await sleep(1100)
      const before = await readsOf(web)
      expect(await results()).toMatchObject({ position, counted: 1, tier: 'projection' })
      expect(await trends()).toBe(position)
      expect(await exported()).toBe(1)
      const after = await readsOf(web)
      expect(sumOf(after) - sumOf(before)).toBe(3)
      expect(after.primary).toBe(before.primary)
    }, PATIENCE_MS)
  })

  it('given one that lags, then it is passed over until it has caught up', async () => {
    await bothInUse()
    await on(one, 'select pg_wal_replay_pause()')
    const watched = readers()
    let position = 0n
    for (let times = 0; times < 5; times++) {
      position = await submit()
      await shows(position)
    }
    await inUse(one, 0)
    await inUse(two, 1)
    expect(await examined(one)).toMatchObject({
      follows: { status: 'fine' },
      lag: { actual: expect.stringMatching(/^\S+ \w+ behind, for /) },
    })
    expect((await examined(two)).follows).toEqual({ status: 'fine', actual: 'it does' })
    await on(one, 'select pg_wal_replay_resume()')
    await bothInUse()
    expectNeverBack(await watched.seen())
  })

  it('given all of them lag, then the primary answers, and what was shown never goes back', async () => {
    await bothInUse()
    const watched = readers()
    for (const server of [one, two, one]) {
      await on(server, 'select pg_wal_replay_pause()')
      await shows(await submit())
      await inUse(server, 0)
      await on(server, 'select pg_wal_replay_resume()')
      await inUse(server, 1)
    }
    for (const server of [one, two]) await on(server, 'select pg_wal_replay_pause()')
    const { primary: before } = await readsOf(web)
    await shows(await submit())
    for (const server of [one, two]) await inUse(server, 0)
    expect((await readsOf(web)).primary).toBeGreaterThan(before!)
    for (const server of [one, two]) await on(server, 'select pg_wal_replay_resume()')
    await bothInUse()
    expectNeverBack(await watched.seen())
  })

  it('given one that is killed, then nobody notices, and it is read again when it is back', async () => {
    await bothInUse()
    const watched = readers()
    for (const server of [one, two]) {
      await server.kill()
      await shows(await submit())
      await inUse(server, 0)
      expect(await examined(server)).toEqual({
        reachable: {
          status: 'failed',
          actual: expect.stringMatching(/^DATABASE_REPLICA_URLS: nothing listens on /),
        },
      })
      await server.start()
      await bothInUse()
    }
    expectNeverBack(await watched.seen())
  })

  it('given one that falls silent, then others are asked within moments', async () => {
    await bothInUse()
    const watched = readers()
    for (const server of [one, two]) {
      server.pause()
      onTestFinished(() => server.resume())
      await shows(await submit())
      await inUse(server, 0)
      server.resume()
      await bothInUse()
    }
    expectNeverBack(await watched.seen())
  })

  it('given the primary is away, then results and trends go on', async () => {
    const position = await submit()
    await shows(position)
    await bothInUse()
    await world.primary.kill()
    await sleep(1100)
    expect(await results()).toMatchObject({ position, tier: 'projection' })
    expect(await trends()).toBe(position)
    expect(await exported()).toBeGreaterThan(0)
    await world.primary.start()
    await eventually(async () => shows(await submit()), PATIENCE_MS)
  })

  it('given somebody has seen more at another process, then they are shown no less', async () => {
    await bothInUse()
    const other = await world.web()
    await bothInUse(other)
    // What a process shows is a second old at most; the tag tells what this reader has seen.
    for (let times = 0; times < 10; times++) {
      await submit()
      const response = await fetch(`${web.url}${POLL}/results`)
      const { position } = (await response.json()) as { position: string }
      const again = await results(other, {
        'if-none-match': `${response.headers.get('etag')!.slice(0, -1)}.x"`,
      })
      expect(again.position).toBeGreaterThanOrEqual(BigInt(position))
    }
  })

  it('given one that was promoted, then it is read no more, whatever is written there', async () => {
    await bothInUse()
    const watched = readers()
    await on(one, 'select pg_promote()')
    await inUse(one, 0)
    await on(one, `update poll_aggregates set counted = counted + 1000, position = position + 1000`)
    const position = await submit()
    await shows(position)
    expect((await results()).counted).toBeLessThan(1000)
    expect((await examined(one)).follows).toEqual({
      status: 'failed',
      actual: expect.stringMatching(/^it follows nobody: it was promoted/),
    })
    await inUse(two, 1)
    expectNeverBack(await watched.seen())
  })

  it('given the promoted one has become the primary, then a replica of the other timeline is not read', async () => {
    // Both went on after the promotion: at the same positions stand other events.
    const failedOver = await world.web({
      DATABASE_URL: one.url,
      ROLES: 'web,projector',
      DATABASE_REPLICA_URLS: two.url,
    })
    await inUse(two, 0, failedOver)
    await submit(failedOver)
    await submit()
    await sleep(1500)
    expect(await inUseAt(failedOver)).toEqual({ [nameOf(two)]: 0 })
    await inUse(two, 1)
    const { follows } = await examined(two, { DATABASE_URL: one.url, DATABASE_REPLICA_URLS: two.url })
    expect(follows).toMatchObject({ status: 'failed', actual: expect.stringMatching(/^it has events that/) })
  })
})
