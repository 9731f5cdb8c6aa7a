/**
 * Web, relay and projector apart, with a real NATS and a real Redis between them. What people see while NATS is killed,
 * emptied, paused or restarted is in matrix.test.ts.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReadinessReport } from '../../src/readiness.ts'
import { openServices } from '../../src/services.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { ask, submit } from '../web/api-client.ts'

let database: TestDatabase
let [nats, redis]: [NatsServer, RedisServer] = [undefined!, undefined!]
let running: TestService[]
let web: TestService

const start = async (ROLES: string): Promise<TestService> => {
  const shared = { DATABASE_URL: database.url, NATS_URL: nats.url, REDIS_URL: redis.url }
  const service = await startTestService({ ...shared, ROLES, SESSION_SECRET: 's'.repeat(32) })
  running.push(service)
  return service
}

beforeEach(async () => {
  ;[database, nats, redis] = await Promise.all([
    createTestDatabase(),
    NatsServer.start(),
    RedisServer.start(),
  ])
  running = []
  web = await start('web')
})
afterEach(async () => {
  for (const service of running.reverse()) await service.close()
  await Promise.all([nats.close(), redis.close()])
  await database.drop()
})

const results = async () =>
  (await ask(`${web.url}/api/polls/us-federal/results`)).json as {
    tier: string
    position: string
    submissions: { counted: number }
  }

/** Submits, and waits until it is seen. @returns the answer */
async function submitAndSee(timeoutMs?: number) {
  const position = BigInt((await submit(web.url)).position)
  await eventually(
    async () => expect(BigInt((await results()).position)).toBeGreaterThanOrEqual(position),
    timeoutMs,
  )
  return await results()
}

/** What the projector's metrics say. */
const followsLog = async (projector: TestService) =>
  /^taxbudget_projector_follows_log (\d)/m.exec(await projector.services.metrics.text())?.[1] === '1'

describe('given web, relay and projector in processes of their own', () => {
  it('a submission goes through the log, NATS, the projector and Redis to the reader', async () => {
    const projector = await start('projector')
    await start('relay')
    await submitAndSee()
    await eventually(async () =>
      expect(await results()).toMatchObject({ tier: 'snapshot', submissions: { counted: 1 } }),
    )
    for (let n = 0; n < 20; n++) await submitAndSee()
    expect((await web.services.results.results('us-federal', { tier: 'replay' })).aggregate.counted).toBe(21)
    // A relay that was late has it follow the log for a moment.
    await eventually(async () => {
      await submitAndSee()
      expect(await followsLog(projector)).toBe(false)
    }, 15_000)
  })

  it('the projector follows the log while there is no relay, says so, and leaves it when there is', {
    timeout: 30_000,
  }, async () => {
    const projector = await start('projector')
    await eventually(async () => {
      await submitAndSee(10_000)
      expect(await followsLog(projector)).toBe(true)
    }, 15_000)
    // At once now, not when the log is looked at again.
    for (let n = 0; n < 5; n++) await submitAndSee()
    await start('relay')
    await eventually(async () => {
      await submitAndSee()
      expect(await followsLog(projector)).toBe(false)
    }, 15_000)
  })

  it('one relay works, another waits and takes over', { timeout: 30_000 }, async () => {
    const projector = await start('projector')
    const first = await start('relay')
    await start('relay')
    await submitAndSee()
    running = running.filter((each) => each !== first)
    await first.close()
    await eventually(async () => {
      await submitAndSee()
      expect(await followsLog(projector)).toBe(false)
    }, 15_000)
    expect((await results()).submissions.counted).toBe(
      (await web.services.results.results('us-federal', { tier: 'replay' })).aggregate.counted,
    )
  })
})

describe('given NATS is away, or new', () => {
  const everythingAgrees = async () => {
    const { aggregate } = await web.services.results.results('us-federal', { tier: 'replay' })
    await eventually(
      async () => expect((await results()).submissions.counted).toBe(aggregate.counted),
      10_000,
    )
    // What is told may have come from a replay.
    await eventually(
      async () => expect(await web.services.projections.poll('us-federal')).toEqual(aggregate),
      10_000,
    )
  }

  it('processes start without it, and find it later', { timeout: 60_000 }, async () => {
    await nats.kill()
    const projector = await start('projector')
    await start('relay')
    await submitAndSee(10_000)
    await nats.restart()
    await eventually(async () => {
      await submitAndSee()
      expect(await followsLog(projector)).toBe(false)
    }, 20_000)
    await everythingAgrees()
  })

  it('a projection that lags behind an emptied NATS is fed from where it stands', {
    timeout: 60_000,
  }, async () => {
    for (let n = 0; n < 5; n++) await submit(web.url)
    await start('relay')
    const { bus } = web.services.messaging
    await eventually(async () =>
      expect((await bus.publisher()).last).toBe(await web.services.commands.log.head()),
    )
    const stop = new AbortController()
    for await (const { previous } of bus.subscribe({ name: 'somebody', signal: stop.signal })) {
      expect(previous).toBe(await web.services.projections.checkpoint())
      stop.abort()
    }
  })
})

describe('given a relay that cannot relay', () => {
  const bus = async (relay: TestService) => {
    const { status, json } = await ask(`${relay.url}/readyz`)
    return { status, ...(json as ReadinessReport).checks.find(({ name }) => name === 'bus') }
  }

  it('because NATS has no JetStream any more, it is not ready and says why, until it can', {
    timeout: 60_000,
  }, async () => {
    const relay = await start('relay')
    await eventually(async () => expect(await bus(relay)).toMatchObject({ status: 200, detail: 'active' }))
    const standby = await start('relay')
    await eventually(async () => expect(await bus(standby)).toMatchObject({ status: 200, detail: 'standby' }))
    await nats.kill()
    await nats.restart({ jetStream: false })
    await eventually(() => expect(relay.services.messaging.mustBeConnected).not.toThrow(), 10_000)
    await submit(web.url)
    await eventually(async () => {
      const { status, detail } = await bus(relay)
      expect([status, detail]).toEqual([503, expect.stringMatching(/^the relay stands still: /)])
    }, 15_000)
    await nats.kill()
    await nats.restart()
    await eventually(
      async () => expect(await bus(relay)).toMatchObject({ status: 200, detail: 'active' }),
      15_000,
    )
  })
})

describe('given another service that shares the NATS', () => {
  it('neither sees anything of the other', async () => {
    await start('relay,projector')
    const other = await startTestService({ NATS_URL: nats.url, REDIS_URL: redis.url })
    running.push(other)
    await submitAndSee()
    const services = await openServices(other.config)
    expect((await services.results.results('us-federal')).aggregate.counted).toBe(0)
    await services.close()
  })
})
