/**
 * Redis away at the start, silent or full: people notice nothing, since answers come from the projection. Killed, paused
 * and restarted under load it is in matrix.test.ts.
 */
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, submit } from '../web/api-client.ts'

let redis: RedisServer
let service: TestService

beforeEach(async () => {
  redis = await RedisServer.start()
  service = await startTestService({ REDIS_URL: redis.url })
})
afterEach(async () => {
  redis.resume()
  await service.close()
  await redis.close()
})

interface Answer {
  readonly tier: string
  readonly position: string
  readonly took: number
}

async function results(): Promise<Answer> {
  const started = performance.now()
  const answer = await ask(`${service.url}/api/polls/us-federal/results`)
  expect(answer.status).toBe(200)
  return { ...(answer.json as Omit<Answer, 'took'>), took: performance.now() - started }
}

/** The results come to be those of this position, from this tier. */
const expectResults = (expected: Partial<Answer>) => expect.poll(results).toMatchObject(expected)

describe('the service', { timeout: 60_000 }, () => {
  it('answers from the snapshot in Redis, which outlives it', async () => {
    const { position } = await submit(service.url)
    await expectResults({ tier: 'snapshot', position })
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    const [key] = await client.keys('taxbudget:*:us-federal')
    // Until the projector puts it for good, there may be the one before, or what a query has offered.
    await expect.poll(() => client.hget(key!, 'position')).toBe(position)
    await expect.poll(() => client.pttl(key!)).toBe(-1)
    await service.restart()
    expect(await client.hget(key!, 'position')).toBe(position)
    await expectResults({ tier: 'snapshot', position })
  })

  it('starts without Redis, and finds it later', async () => {
    const { position } = await submit(service.url)
    await expectResults({ tier: 'snapshot', position })
    await redis.kill()
    await service.restart()
    await expectResults({ tier: 'projection', position })
    await redis.restart()
    await expectResults({ tier: 'snapshot', position })
  })

  it('makes nobody wait for a silent Redis, and never goes back when it speaks again', async () => {
    const before = await submit(service.url)
    await expectResults({ tier: 'snapshot', position: before.position })
    redis.pause()
    await expectResults({ tier: 'projection', position: before.position })
    const { position } = await submit(service.url)
    await expectResults({ tier: 'projection', position })
    // Given up by now: nobody even tries.
    for (let asked = 0; asked < 50; asked++) expect((await results()).took).toBeLessThan(2000)
    redis.resume()
    const seen: Answer[] = []
    const nextTier = async () => seen.push(await results()) && seen.at(-1)!.tier
    await expect.poll(nextTier).toBe('snapshot')
    expect(new Set(seen.map((answer) => answer.position))).toEqual(new Set([position]))
  })

  it('answers from the projection while Redis is full, with what is submitted meanwhile', async () => {
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    const before = await submit(service.url)
    await expectResults({ tier: 'snapshot', position: before.position })
    await client.config('SET', 'maxmemory', '1')
    const during = await submit(service.url)
    await expectResults({ tier: 'projection', position: during.position })
    await client.config('SET', 'maxmemory', '0')
    // What a query offers lasts for a moment, what the projector puts for good.
    await expectResults({ tier: 'snapshot', position: during.position })
    const { position } = await submit(service.url)
    await expectResults({ tier: 'snapshot', position })
  })
})
