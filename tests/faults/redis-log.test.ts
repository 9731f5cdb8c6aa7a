/** What is written into the log while Redis is away or full: that it is so, once, and not what was meant for Redis. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startClients } from '../support/ledger-clients.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ServiceProcess } from '../support/service-process.ts'
import { quietPort } from '../support/world/ports.ts'
import { ask } from '../web/api-client.ts'

interface Line {
  readonly level: number
  readonly msg: string
}

const NOT_WRITTEN = 'snapshots cannot be written: results come from the projection'
const WRITTEN_AGAIN = 'snapshots are written again'
const NOT_LEFT = 'no snapshot can be left for others: results come from the projection'

async function givenServices() {
  const [database, redis, dataDir] = [
    await createTestDatabase(),
    await RedisServer.start(),
    await mkdtemp(join(tmpdir(), 'taxbudget-redis-log-')),
  ]
  const shared = { DATABASE_URL: database.url, REDIS_URL: redis.url, LOG_LEVEL: 'info' }
  const web = new ServiceProcess(dataDir, await quietPort(), { ...shared, ROLES: 'web' })
  const projector = new ServiceProcess(dataDir, await quietPort(), { ...shared, ROLES: 'projector' })
  onTestFinished(async () => {
    await Promise.all([web.destroy(), projector.destroy()])
    await redis.close()
    await rm(dataDir, { recursive: true })
    await database.drop()
  })
  await web.start()
  await projector.start()
  const clients = startClients(web.url, 5)
  onTestFinished(clients.stop)
  /** So much is submitted, and as often asked for. */
  const someMore = async () => {
    const enough = clients.ledger.acknowledged.size + 300
    await eventually(async () => {
      await ask(`${web.url}/api/polls/us-federal/results`)
      expect(clients.ledger.acknowledged.size).toBeGreaterThan(enough)
    }, 60_000)
  }
  /** Goes on submitting and asking until this process has said it. */
  const untilSaid = (service: ServiceProcess, sentence: string) =>
    eventually(async () => {
      await someMore()
      expect(said(service)).toContain(sentence)
    }, 60_000)
  return { redis, web, projector, someMore, untilSaid }
}

const linesOf = ({ output }: ServiceProcess): Line[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

/** What was said of troubles and their ends, that of tiers apart: they have their own times. */
const said = (service: ServiceProcess) =>
  linesOf(service)
    .map(({ msg }) => msg)
    .filter((message) => /snapshot|Redis/.test(message) && !message.includes('answer'))

it('given Redis is killed, each process says so once, and when it is back', {
  timeout: 180_000,
}, async () => {
  const { redis, web, projector, someMore, untilSaid } = await givenServices()
  await someMore()
  await redis.kill()
  await untilSaid(projector, NOT_WRITTEN)
  await redis.restart()
  await untilSaid(projector, WRITTEN_AGAIN)
  expect([...said(projector)].sort()).toEqual(
    ['Redis is lost', 'connected to Redis', 'connected to Redis', NOT_WRITTEN, WRITTEN_AGAIN].sort(),
  )
  // It finds Redis again in its own time.
  await eventually(() =>
    expect(said(web)).toEqual(['connected to Redis', 'Redis is lost', 'connected to Redis']),
  )
  for (const service of [web, projector]) {
    expect(linesOf(service).length).toBeLessThan(20)
    expect(service.output).not.toContain('starts anew')
  }
})

it('given Redis is full, each process says so once, and nothing of what it should have kept', {
  timeout: 180_000,
}, async () => {
  const { redis, web, projector, someMore, untilSaid } = await givenServices()
  await someMore()
  const admin = new Redis(redis.url)
  onTestFinished(() => admin.disconnect())
  await admin.config('SET', 'maxmemory', '1')
  await untilSaid(projector, NOT_WRITTEN)
  await untilSaid(web, NOT_LEFT)
  await admin.config('SET', 'maxmemory', '0')
  await untilSaid(projector, WRITTEN_AGAIN)
  expect(said(projector)).toEqual(['connected to Redis', NOT_WRITTEN, WRITTEN_AGAIN])
  const [first, ...rest] = said(web)
  expect([first, rest[0]]).toEqual(['connected to Redis', NOT_LEFT])
  expect(rest.length).toBeLessThanOrEqual(2)
  for (const service of [web, projector]) {
    expect(linesOf(service).length).toBeLessThan(20)
    expect(service.output.length).toBeLessThan(20_000)
    expect(service.output).not.toMatch(/redis\.call|histogram/)
  }
})
