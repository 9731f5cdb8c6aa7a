import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { RedisSnapshotStore } from '../../src/projections/redis-snapshot-store.ts'
import { RedisServer } from '../support/redis-server.ts'
import { snapshotStoreContract } from './snapshot-store.ts'

let server: RedisServer
let admin: Redis
let databases = 0

beforeAll(async () => {
  server = await RedisServer.start()
  admin = new Redis(server.url)
})
afterAll(async () => {
  admin.disconnect()
  await server.close()
})

/** Redis has a clock of its own: what it would forget later it forgets so much sooner. */
async function pass(ms: number): Promise<void> {
  for (const key of await admin.keys('*')) {
    const left = await admin.pttl(key)
    if (left >= 0) await admin.pexpire(key, left - ms)
  }
}

snapshotStoreContract('Redis', async () => {
  const store = await RedisSnapshotStore.open({ url: server.url, database: String(++databases) })
  return { store, pass, close: () => store.close() }
})
