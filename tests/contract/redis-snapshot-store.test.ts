import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { RedisSnapshotStore } from '../../src/projections/redis-snapshot-store.ts'
import { RedisServer } from '../support/redis-server.ts'
import { snapshotStoreContract } from './snapshot-store.ts'

let server: RedisServer
let databases = 0

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

snapshotStoreContract('Redis', async () => {
  const store = await RedisSnapshotStore.open({ url: server.url, database: String(++databases) })
  return { store, pass: (ms) => sleep(ms), close: () => store.close() }
})
