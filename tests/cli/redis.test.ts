/** The command line beside a Redis: it shares the service's snapshots, and does without them. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { RedisServer } from '../support/redis-server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { submit } from '../web/api-client.ts'
import { createCliDatabase } from './cli-database.ts'
import { runCli } from './command-line.ts'

let redis: RedisServer
let service: TestService

beforeAll(async () => {
  redis = await RedisServer.start()
  service = await startTestService({ REDIS_URL: redis.url })
})
afterAll(async () => {
  await service.close()
  await redis.close()
})

const run = (...args: readonly string[]) =>
  runCli(args, {
    DATABASE_URL: service.services.databaseUrl,
    REDIS_URL: redis.url,
    DATA_DIR: service.config.dataDir,
  })

describe('taxbudget results beside a running service', () => {
  test('given Redis, then the service’s snapshot is shown', async () => {
    const { position } = await submit(service.url)
    await eventually(async () =>
      expect((await service.services.snapshots.get('us-federal'))?.position).toBe(BigInt(position)),
    )
    const { code, stdout } = await run('results', 'us-federal', '--tier', 'snapshot', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tier: 'snapshot', position })
  })

  test('given Redis is away, then it is the projection, and a snapshot that is asked for is not there', async () => {
    await redis.kill()
    const { code, stdout } = await run('results', 'us-federal', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ tier: 'projection' })
    const asked = await run('results', 'us-federal', '--tier', 'snapshot')
    expect(asked.code).toBe(1)
    expect(asked.stderr).toMatch(/No snapshot can be read from here/)
    expect(asked.stderr).not.toMatch(/at .*\.ts/)
  })
})

test('given a full Redis and no service, then what is submitted is shown all the same', async () => {
  const [full, cli] = [await RedisServer.start('--maxmemory', '1'), await createCliDatabase()]
  onTestFinished(async () => {
    await cli.drop()
    await full.close()
  })
  const run = (...args: readonly string[]) => runCli(args, { ...cli.environment, REDIS_URL: full.url })
  await run('polls', 'open', 'polls/us-federal.json')
  expect((await run('simulate', 'us-federal', '--submissions', '20', '--direct')).code).toBe(0)
  const { code, stdout } = await run('results', 'us-federal', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ tier: 'projection', submissions: { counted: 20 } })
})
