/** Two web processes, one projector, one Redis that is killed: whoever asks either of them never goes back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startClients } from '../support/ledger-clients.ts'
import { RedisServer } from '../support/redis-server.ts'
import { freePort, ServiceProcess } from '../support/service-process.ts'
import { ask } from '../web/api-client.ts'

interface Answer {
  readonly tier: string
  readonly position: string
  readonly submissions: { readonly counted: number }
}

async function results({ url }: ServiceProcess): Promise<Answer> {
  const answer = await ask(`${url}/api/polls/us-federal/results`)
  expect(answer.status).toBe(200)
  return answer.json as Answer
}

/** Asks on and on until stopped. @returns every answer in order */
function watch(service: ServiceProcess): () => Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let stopping = false
  const running = (async () => {
    while (!stopping) answers.push(await results(service))
  })()
  return async () => {
    stopping = true
    await running
    return answers
  }
}

it('two processes see each other’s snapshots, and neither goes back while Redis is killed', {
  timeout: 120_000,
}, async () => {
  const [database, redis, dataDir] = [
    await createTestDatabase(),
    await RedisServer.start(),
    await mkdtemp(join(tmpdir(), 'taxbudget-redis-processes-')),
  ]
  const shared = { DATABASE_URL: database.url, REDIS_URL: redis.url, LOG_LEVEL: 'fatal' }
  const whole = new ServiceProcess(dataDir, await freePort(), shared)
  const web = new ServiceProcess(dataDir, await freePort(), { ...shared, ROLES: 'web' })
  onTestFinished(async () => {
    await Promise.all([whole.destroy(), web.destroy()])
    await redis.close()
    await rm(dataDir, { recursive: true })
    await database.drop()
  })
  await whole.start()
  await web.start()
  const clients = startClients(web.url, 20)
  const watchers = [watch(whole), watch(web)]
  const someMore = async () => {
    const enough = clients.ledger.acknowledged.size + 200
    await eventually(() => expect(clients.ledger.acknowledged.size).toBeGreaterThan(enough), 30_000)
  }

  await someMore()
  for (let round = 0; round < 3; round++) {
    await redis.kill()
    await someMore()
    await redis.restart()
    await someMore()
  }
  await clients.stop()
  const counted = clients.ledger.acknowledged.size
  for (const service of [whole, web])
    await eventually(async () =>
      expect(await results(service)).toMatchObject({ tier: 'snapshot', submissions: { counted } }),
    )
  for (const stop of watchers) {
    const answers = await stop()
    expect(new Set(answers.map(({ tier }) => tier))).toEqual(new Set(['snapshot', 'projection']))
    for (const [index, { position }] of answers.slice(1).entries())
      expect(BigInt(position)).toBeGreaterThanOrEqual(BigInt(answers[index]!.position))
  }
  expect(clients.ledger.unexpected).toEqual([])
  expect([await web.end('SIGTERM'), await whole.end('SIGTERM')]).toEqual([0, 0])
})
