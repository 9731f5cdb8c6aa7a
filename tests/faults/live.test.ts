/** Live results from processes that hear of new snapshots in different ways, or not at all. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type RunningService, startService } from '../../src/main.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'
import { RedisServer } from '../support/redis-server.ts'
import { ask, submit } from '../web/api-client.ts'
import { type Watcher, watch } from '../web/live-client.ts'

let redis: RedisServer
let nats: NatsServer
beforeAll(async () => {
  ;[redis, nats] = await Promise.all([RedisServer.start(), NatsServer.start()])
})
afterAll(async () => {
  await Promise.all([redis.close(), nats.close()])
})

/** What two web processes are, and one that relays and projects; all in one, each with everything of its own. */
async function given(environment: Record<string, string>) {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'taxbudget-live-'))
  const settings = { DATABASE_URL: database.url, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' }
  const started: RunningService[] = []
  onTestFinished(async () => {
    await Promise.all(started.map((each) => each.close()))
    await rm(dataDir, { recursive: true })
    await database.drop()
  })
  const start = async (ROLES: string) => {
    const service = await startService(readConfig({ ...settings, ...environment, ROLES }))
    let closing: Promise<void> | undefined
    const close: RunningService['close'] = (options) => {
      closing ??= service.close(options)
      return closing
    }
    const closedOnce = { ...service, close }
    started.push(closedOnce)
    return closedOnce
  }
  // The first one opens the poll.
  await start('relay,projector')
  const webs = [await start('web'), await start('web')] as const
  for (const { url } of webs)
    await eventually(async () => expect((await ask(`${url}/api/polls/us-federal/live`)).status).toBe(200))
  return webs
}

const positions = ({ messages }: Watcher) => messages.map(({ view }) => BigInt(view.position))

describe('two web processes and a projector', { timeout: 60_000 }, () => {
  const variants: Record<string, () => Record<string, string>> = {
    'PostgreSQL alone': () => ({}),
    Redis: () => ({ REDIS_URL: redis.url }),
    'Redis and NATS': () => ({ REDIS_URL: redis.url, NATS_URL: nats.url }),
    'NATS without Redis': () => ({ NATS_URL: nats.url }),
  }

  it.each(Object.entries(variants))(
    'with %s: everybody hears of everything, in order',
    async (_, settings) => {
      const webs = await given(settings())
      const watchers = await Promise.all(webs.map(({ url }) => watch(url)))
      onTestFinished(() => {
        for (const { socket } of watchers) socket.terminate()
      })
      for (let counted = 1; counted <= 3; counted++) {
        await submit(webs[counted % 2]!.url)
        await Promise.all(watchers.map((watcher) => watcher.sees(counted)))
      }
      for (const watcher of watchers)
        expect(positions(watcher)).toEqual(positions(watcher).toSorted((a, b) => Number(a - b)))
    },
  )

  it('when one of them ends, sends those who watch it elsewhere, at once, and ends cleanly', async () => {
    const webs = await given({})
    const [ending, other] = [await watch(webs[0].url), await watch(webs[1].url)]
    onTestFinished(() => other.socket.terminate())
    const closing = webs[0].close({ lingerMs: 3000 })
    await eventually(() => expect(ending.closed).toEqual({ code: 1012, reason: 'restarting' }))
    // Requests are still taken.
    expect((await ask(`${webs[0].url}/livez`)).status).toBe(200)
    await closing
    expect(other.closed).toBeUndefined()
    const again = await watch(webs[1].url)
    onTestFinished(() => again.socket.terminate())
    await submit(webs[1].url)
    await Promise.all([again, other].map((watcher) => watcher.sees(1)))
  })

  it('when Redis goes silent, go on from the projection, and never back', async () => {
    const own = await RedisServer.start()
    onTestFinished(() => own.close())
    const webs = await given({ REDIS_URL: own.url })
    const watcher = await watch(webs[0].url)
    onTestFinished(() => watcher.socket.terminate())
    await submit(webs[0].url)
    await watcher.sees(1)
    own.pause()
    onTestFinished(() => own.resume())
    await submit(webs[0].url)
    await watcher.sees(2)
    own.resume()
    await submit(webs[0].url)
    await watcher.sees(3)
    expect(positions(watcher)).toEqual(positions(watcher).toSorted((a, b) => Number(a - b)))
  })
})
