/** The whole service while another version of its projections becomes the live one: what people see then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { execute } from '../support/stored-periods.ts'

const NAME = 'category-aggregate'
const by = 'test'

async function emptied(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushall()
  redis.disconnect()
}

interface Seen {
  readonly position: bigint
  readonly health: number
  readonly etag: string
}

async function start(environment: Record<string, string> = {}): Promise<TestService> {
  const service = await startTestService(environment)
  onTestFinished(() => service.close())
  return service
}

async function submit({ url }: TestService, health: number): Promise<void> {
  const allocation = { health, education: 10_000 - health }
  const response = await fetch(`${url}/api/polls/us-federal/submissions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ allocation }),
  })
  expect(response.status).toBe(201)
}

async function results({ url }: TestService): Promise<Seen> {
  const response = await fetch(`${url}/api/polls/us-federal/results`)
  expect(response.status).toBe(200)
  const { position, categories } = (await response.json()) as {
    position: string
    categories: { id: string; sum: number }[]
  }
  const health = categories.find(({ id }) => id === 'health')!.sum
  return { position: BigInt(position), health, etag: response.headers.get('etag')! }
}

const trends = async ({ url }: TestService): Promise<number> => {
  const response = await fetch(`${url}/api/polls/us-federal/trends?bucket=month&view=cumulative`)
  const { categories, buckets } = (await response.json()) as {
    categories: { id: string }[]
    buckets: { sums: number[] }[]
  }
  return buckets.at(-1)!.sums[categories.findIndex(({ id }) => id === 'health')]!
}

const shows = (service: TestService, health: number) =>
  eventually(async () => expect((await results(service)).health).toBe(health))

/** Two submissions of 3000 and 5000 as somebody has falsified them: 1000 and 7000 sum up to the same, so nothing notices. */
const FALSIFIED = [
  `update category_aggregates set histogram = '[[1000,1],[7000,1]]', sum_squares = 50000000 where category = 'health'`,
  `update category_aggregates set histogram = '[[3000,1],[9000,1]]', sum_squares = 90000000 where category = 'education'`,
]
const RIGHT_SQUARES = 3000 ** 2 + 5000 ** 2

const squares = async ({ config }: TestService) =>
  (
    await execute(
      config.databaseUrl!,
      `select sum_squares::int from category_aggregates c join projections p using (version)
        where p.name = 'category-aggregate' and p.status = 'live' and category = 'health'`,
    )
  )[0]!.sum_squares

const median = async ({ url }: TestService): Promise<number> => {
  const response = await fetch(`${url}/api/polls/us-federal/results`)
  const { categories } = (await response.json()) as { categories: { id: string; p10: number }[] }
  return categories.find(({ id }) => id === 'health')!.p10
}

describe('a promotion', { timeout: 90_000 }, () => {
  it.each(['the process', 'Redis'])(
    'replaces wrong snapshots in %s at the same position, and nobody sees the results go back',
    async (store) => {
      const redis = store === 'Redis' ? await RedisServer.start() : undefined
      if (redis) onTestFinished(() => redis.close())
      const service = await start(redis ? { REDIS_URL: redis.url } : {})
      await submit(service, 3000)
      await submit(service, 5000)
      await shows(service, 8000)
      await execute(service.config.databaseUrl!, ...FALSIFIED)
      // A new process would show what is stored: wrong numbers at the position of the right ones.
      if (redis) await emptied(redis.url)
      await service.restart()
      await eventually(async () => expect(await median(service)).toBe(1000))
      const wrong = await results(service)
      expect(await trends(service)).toBe(8000)
      const seen: Seen[] = []
      const reading = new AbortController()
      const read = (async () => {
        for (; !reading.signal.aborted; await sleep(3)) seen.push(await results(service))
      })()
      await service.services.builds.operations.rebuild(NAME, { by, promote: true })
      await eventually(async () => expect(await median(service)).toBe(3000), 30_000)
      const right = await eventually(() => {
        const found = seen.find(({ position, etag }) => position === wrong.position && etag !== wrong.etag)
        expect(found).toBeDefined()
        return found!
      })
      await submit(service, 1000)
      await shows(service, 9000)
      reading.abort()
      await read
      const positions = seen.map(({ position }) => position)
      expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)))
      expect(right.etag).toBe(`${wrong.etag.slice(0, -1)}.g1"`)
      expect(await trends(service)).toBe(9000)
      expect(await squares(service)).toBe(RIGHT_SQUARES + 1000 ** 2)
    },
  )
})

const readiness = async ({ url }: TestService) =>
  (await (await fetch(`${url}/readyz`)).json()) as {
    ready: boolean
    checks: { role: string; name: string; ready: boolean; detail?: string }[]
  }

describe('a program with a newer fold', { timeout: 90_000 }, () => {
  const olderFold = `update projections set fold_version = 0 where name in ('category-aggregate', 'periods', 'submissions')`

  it('serves what an older one made, rebuilds by itself, and goes on', async () => {
    const service = await start()
    await submit(service, 3000)
    await shows(service, 3000)
    await eventually(async () => expect(await service.services.submissionRows.checkpoint()).toBe(2n))
    await execute(service.config.databaseUrl!, olderFold)
    await service.restart()
    expect((await results(service)).health).toBe(3000)
    await submit(service, 5000)
    await shows(service, 8000)
    const versions = await eventually(async () => {
      const all = await service.services.builds.operations.list()
      expect(all.map(({ version, status, foldVersion }) => [version, status, foldVersion])).toEqual([
        [2, 'live', 1],
        [1, 'retired', 0],
        [2, 'live', 1],
        [1, 'retired', 0],
      ])
      return all
    }, 30_000)
    expect(versions[0]!.promotedAt).toBeInstanceOf(Date)
    await eventually(async () => expect(await service.services.submissionRows.checkpoint()).toBe(3n))
  })

  it('given REBUILD=manual, then it says so, serves what there is, and waits for an operator', async () => {
    const service = await start({ REBUILD: 'manual' })
    await submit(service, 3000)
    await shows(service, 3000)
    await execute(service.config.databaseUrl!, olderFold)
    await service.restart()
    const { operations } = service.services.builds
    await eventually(async () => {
      const { ready, checks } = await readiness(service)
      expect(ready).toBe(true)
      expect(checks.find(({ name }) => name === 'projection')?.detail).toMatch(
        /^version 1 of category-aggregate was made by fold 0, this program has fold 1: it stands still at position 2 .*; it has to be rebuilt: taxbudget projections rebuild --promote$/,
      )
    })
    await submit(service, 5000)
    expect((await results(service)).position).toBe(2n)
    expect((await operations.list()).map(({ version }) => version)).toEqual([1, 1])
    await operations.rebuild(NAME, { by, promote: true })
    await shows(service, 8000)
  })

  it('given its version was live and was rolled back, or the live one is newer still, then it begins nothing', async () => {
    const service = await start()
    await submit(service, 3000)
    await execute(service.config.databaseUrl!, olderFold.replace('= 0', '= 2'))
    await service.restart()
    await eventually(async () => {
      const { checks } = await readiness(service)
      expect(checks.find(({ name }) => name === 'projection')?.detail).toMatch(
        /was made by fold 2, this program has fold 1/,
      )
    })
    // In one transaction: a process that sees the older fold alone begins a rebuild at once.
    await execute(
      service.config.databaseUrl!,
      'begin',
      olderFold,
      `insert into projections (name, version, fold_version, status) values ('category-aggregate', 7, 1, 'retired'), ('periods', 7, 1, 'retired'), ('submissions', 7, 1, 'retired')`,
      'commit',
    )
    await service.restart()
    await sleep(1000)
    expect((await service.services.builds.operations.list()).map(({ version }) => version)).toEqual([
      7, 1, 7, 1,
    ])
  })
})
