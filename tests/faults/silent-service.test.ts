/**
 * A whole service whose PostgreSQL goes silent, alone or with its Redis: open connections over which nothing comes. A
 * silent Redis alone is in redis.test.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { startProxy } from '../support/silent-proxy.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask, submit } from '../web/api-client.ts'

let service: ServiceProcess
let postgres: Awaited<ReturnType<typeof startProxy>>
let redis: Awaited<ReturnType<typeof startProxy>>

beforeEach(async () => {
  const [database, server] = [await createTestDatabase(), await RedisServer.start()]
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-silent-'))
  postgres = await startProxy(Number(new URL(database.url).port))
  redis = await startProxy(Number(new URL(server.url).port))
  service = new ServiceProcess(dataDir, await quietPort(), {
    DATABASE_URL: postgres.through(database.url),
    REDIS_URL: redis.through(server.url),
  })
  await service.start()
  return async () => {
    await service.destroy()
    await postgres.close()
    await redis.close()
    await server.close()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  }
})

interface Results {
  readonly tier: string
  readonly position: string
  readonly asOf: string
}

async function results(): Promise<Results> {
  const answer = await ask(`${service.url}/api/polls/us-federal/results`)
  expect(answer.status).toBe(200)
  return answer.json as Results
}

const expectResults = (expected: Partial<Results>) =>
  expect.poll(results, { timeout: 30_000 }).toMatchObject(expected)

/** What is the first to be asked after a silence waits for a deadline of a second or two. */
const FIRST_MOMENTS_MS = 4000
/** Who waits for something silent waits for at least a second. */
const SLOW_MS = 900

/**
 * Asks again and again for some seconds. @returns every answer, and how many came late: later than on a busy machine
 * anything comes, even what leans on nobody
 */
async function keepAsking<T>(question: () => Promise<T>, forMs: number) {
  const answers: T[] = []
  let late = 0
  for (const until = performance.now() + forMs; performance.now() < until; await sleep(25)) {
    const [asked, alive] = await Promise.all([timed(question), timed(status('/livez'))])
    answers.push(asked.answer)
    if (asked.ms > SLOW_MS + alive.ms) late++
  }
  return { answers, late }
}

async function timed<T>(question: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const started = performance.now()
  const answer = await question()
  return { answer, ms: performance.now() - started }
}

const status = (path: string) => async () => (await fetch(`${service.url}${path}`)).status

describe('given a silent PostgreSQL', { timeout: 120_000 }, () => {
  it('results, form and polls are there as before, and go on when it speaks again', async () => {
    const { submission, position } = await submit(service.url)
    await expectResults({ tier: 'snapshot', position })
    expect(await status('/')()).toBe(200)
    expect(await status('/api/polls')()).toBe(200)
    postgres.silenceAll()
    const expected = {
      '/': 200,
      '/api/polls': 200,
      '/api/polls/us-federal': 200,
      '/results': 200,
      // What nobody remembers is refused, but at once.
      [`/api/submissions/${submission}`]: 503,
    }
    const askAll = (forMs: number) =>
      Promise.all(Object.keys(expected).map((path) => keepAsking(status(path), forMs)))
    await askAll(2 * FIRST_MOMENTS_MS)
    const asked = await askAll(5000)
    for (const [index, [path, code]] of Object.entries(expected).entries()) {
      const { answers, late } = asked[index]!
      expect({ path, late, codes: [...new Set(answers)] }).toEqual({ path, late: 0, codes: [code] })
    }
    expect(await results()).toMatchObject({ tier: 'snapshot', position })
    postgres.resume()
    await expect.poll(status('/readyz'), { timeout: 30_000 }).toBe(200)
    const after = await submit(service.url)
    await expectResults({ tier: 'snapshot', position: after.position })
  })

  it('and a silent Redis, results are those that the process has at hand, marked with their time', async () => {
    const { position } = await submit(service.url)
    await expectResults({ tier: 'snapshot', position })
    const before = await results()
    postgres.silenceAll()
    redis.silenceAll()
    await keepAsking(results, FIRST_MOMENTS_MS)
    const { answers, late } = await keepAsking(results, 5000)
    expect(late).toBe(0)
    for (const answer of answers) expect(answer).toMatchObject({ position, asOf: before.asOf })
    postgres.resume()
    redis.resume()
    await expect.poll(status('/readyz'), { timeout: 30_000 }).toBe(200)
    const after = await submit(service.url)
    await expectResults({ tier: 'snapshot', position: after.position })
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'and a silent Redis, it ends within seconds on %s, and tells those who wait',
    async (signal) => {
      const { submission, position } = await submit(service.url)
      await expectResults({ tier: 'snapshot', position })
      postgres.silenceAll()
      redis.silenceAll()
      const waiting = [
        fetch(`${service.url}/api/polls/us-federal/submissions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ allocation: { health: 10_000 } }),
        }),
        fetch(`${service.url}/api/submissions/${submission}`),
        fetch(`${service.url}/api/polls/us-federal/results?position=${position}`),
      ]
      const told = Promise.all(waiting.map(async (request) => (await request).status))
      await sleep(100)
      const started = performance.now()
      expect(await service.end(signal)).toBe(0)
      expect(performance.now() - started).toBeLessThan(15_000)
      expect(await told).toEqual([503, 503, 503])
    },
  )
})
