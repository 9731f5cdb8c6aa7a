/** What is of Redis alone: it is shared, it goes away, it comes back with old or with no data, and it may be full. */
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openedPoll, type PollAggregate } from '../../src/projections/poll-aggregate.ts'
import { RedisSnapshotStore } from '../../src/projections/redis-snapshot-store.ts'
import { snapshotKey } from '../../src/projections/stored-snapshot.ts'
import { plain } from '../support/aggregates.ts'
import { eventually } from '../support/eventually.ts'
import { testPoll } from '../support/history.ts'
import { RedisServer } from '../support/redis-server.ts'

const DATABASE = 'one-database'
const KEY = snapshotKey(DATABASE, 'one')

let server: RedisServer

beforeEach(async () => {
  server = await RedisServer.start()
  return () => server.close()
})

const aggregate = (position: bigint): PollAggregate =>
  openedPoll(testPoll('one'), position, '2026-01-01T00:00:00.000Z')

/** A store as a process of its own would open it, and what it was told of. */
async function givenStore({ database = DATABASE } = {}) {
  const errors: Error[] = []
  const connections: (Error | undefined)[] = []
  const store = await RedisSnapshotStore.open({
    url: server.url,
    database,
    onConnection: (error) => connections.push(error),
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => store.close())
  return { store, errors, connections }
}

/** Redis itself, to look into it and to spoil it. */
function givenRedis(): Redis {
  const redis = new Redis(server.url, { retryStrategy: () => null })
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}

const positionIn = async (store: RedisSnapshotStore) => (await store.get('one'))?.position

describe('two processes with one Redis', () => {
  it('see each other’s snapshots, whoever puts them', async () => {
    const [{ store: first }, { store: second }] = [await givenStore(), await givenStore()]
    await first.put(aggregate(5n))
    expect(plain(await second.get('one'))).toEqual(plain(aggregate(5n)))
    await second.put(aggregate(6n))
    expect(await first.put(aggregate(5n))).toBe(false)
    expect(await positionIn(first)).toBe(6n)
  })

  it('never see the position go back while both put at once', async () => {
    const stores = [(await givenStore()).store, (await givenStore()).store]
    const seen = new Map(stores.map((store) => [store, 0n]))
    for (let position = 1n; position <= 200n; position += 2n)
      await Promise.all(
        stores.map(async (store, index) => {
          await store.put(aggregate(position + BigInt(index)))
          const now = (await positionIn(store))!
          expect(now).toBeGreaterThanOrEqual(seen.get(store)!)
          expect(now).toBeGreaterThanOrEqual(position + BigInt(index))
          seen.set(store, now)
        }),
      )
    expect(await positionIn(stores[0]!)).toBe(200n)
  })

  it('fetch and parse a snapshot once, and serve the same object while it stands', async () => {
    const [{ store: writer }, { store: reader }] = [await givenStore(), await givenStore()]
    await writer.put(aggregate(5n))
    const [first, other] = await Promise.all([reader.get('one'), reader.get('one')])
    expect(other).toBe(first)
    // It would be found out if the body were read again.
    await givenRedis().hset(KEY, 'body', 'spoilt')
    expect(await reader.get('one')).toBe(first)
    await writer.put(aggregate(6n))
    expect(await positionIn(reader)).toBe(6n)
  })

  it('do not mix what they keep of different databases', async () => {
    const { store: mine } = await givenStore()
    const { store: theirs } = await givenStore({ database: 'another-database' })
    await mine.put(aggregate(9n))
    expect(await theirs.get('one')).toBeUndefined()
    expect(await theirs.put(aggregate(1n))).toBe(true)
    expect(await positionIn(mine)).toBe(9n)
  })
})

describe('a snapshot that cannot be read', () => {
  it.each([
    ['no JSON', 'spoilt'],
    ['another form', '{"position":"5"}'],
    ['a contradiction', 'contradiction'],
    ['another position', 'elsewhere'],
  ])('(%s) is told once, counts as absent, and gives way to the next', async (_, spoilt) => {
    const [{ store: writer }, { store: reader, errors }] = [await givenStore(), await givenStore()]
    const redis = givenRedis()
    await writer.put(aggregate(5n))
    const body = JSON.parse((await redis.hget(KEY, 'body'))!)
    const bodies: Record<string, string> = {
      contradiction: JSON.stringify({ ...body, counted: 1 }),
      elsewhere: JSON.stringify({ ...body, position: '4' }),
    }
    await redis.hset(KEY, 'body', bodies[spoilt] ?? spoilt)
    expect(await reader.get('one')).toBeUndefined()
    expect(await reader.get('one')).toBeUndefined()
    expect(errors.map(({ message }) => message)).toEqual(['the snapshot of one at 5 cannot be read'])
    await writer.put(aggregate(6n))
    expect(await positionIn(reader)).toBe(6n)
  })

  it.each([
    ['is not of the kind', (redis: Redis) => redis.set(KEY, 'a string')],
    ['has no position', (redis: Redis) => redis.hset(KEY, 'position', 'soon', 'body', '{}')],
  ])('because it %s is replaced', async (_, spoil) => {
    const { store } = await givenStore()
    await spoil(givenRedis())
    expect(await store.put(aggregate(5n))).toBe(true)
    expect(await positionIn(store)).toBe(5n)
  })
})

describe('a Redis that was away', () => {
  it('is told of, refuses at once meanwhile, and is found again', async () => {
    const { store, connections } = await givenStore()
    expect(connections).toEqual([undefined])
    await server.kill()
    await eventually(() => expect(connections.at(-1)).toBeInstanceOf(Error))
    // Not 'did not answer': it was not even asked.
    await expect(store.get('one')).rejects.toThrow('Redis is not connected')
    await expect(store.put(aggregate(1n))).rejects.toThrow('Redis is not connected')
    expect((await store.last('one'))?.position).toBe(1n)
    await server.restart()
    await eventually(() => expect(connections.at(-1)).toBeUndefined())
  })

  it('is given again what it has lost, and what was put meanwhile, by who keeps it', async () => {
    const { store } = await givenStore()
    const { store: reader } = await givenStore()
    await store.put(aggregate(5n))
    await server.kill()
    await expect(store.put(aggregate(6n))).rejects.toThrow('Redis')
    await server.restart()
    await eventually(async () => expect(await positionIn(reader)).toBe(6n))
  })

  it('is not given again what this process does not keep any more, nor what a query offered', async () => {
    const { store } = await givenStore()
    await store.put(aggregate(5n))
    store.abandon()
    await store.put(aggregate(7n), { ttlMs: 60_000 })
    await server.kill()
    await server.restart()
    await eventually(async () => expect(await store.get('one')).toBeUndefined())
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await store.get('one')).toBeUndefined()
  })

  it('and comes back with an older snapshot has none, until there is one that is not older', async () => {
    const { store: reader } = await givenStore()
    const { store: writer } = await givenStore()
    const redis = givenRedis()
    await writer.put(aggregate(5n))
    const old = await redis.hgetall(KEY)
    await writer.put(aggregate(7n))
    expect(await positionIn(reader)).toBe(7n)
    await redis.hset(KEY, old)
    expect(await reader.get('one')).toBeUndefined()
    await writer.put(aggregate(8n))
    expect(await positionIn(reader)).toBe(8n)
  })
})

it('shows nobody less than a query has shown while Redis was away', async () => {
  const [{ store: writer }, { store: reader }] = [await givenStore(), await givenStore()]
  await writer.put(aggregate(5n))
  server.pause()
  await expect(reader.put(aggregate(6n), { ttlMs: 1000 })).rejects.toThrow('Redis')
  server.resume()
  await eventually(async () => expect(await reader.get('one')).toBeUndefined())
  await writer.put(aggregate(6n))
  expect(await positionIn(reader)).toBe(6n)
})

describe('a silent Redis', () => {
  it('costs its readers half a second once, then nothing, and is found again', async () => {
    const { store } = await givenStore()
    await store.put(aggregate(5n))
    server.pause()
    const started = performance.now()
    await expect(store.get('one')).rejects.toThrow('Redis did not answer')
    expect(performance.now() - started).toBeLessThan(1500)
    await eventually(() => expect(store.get('one')).rejects.toThrow('Redis is not connected'))
    for (let ask = 0; ask < 20; ask++) {
      await expect(store.get('one')).rejects.toThrow('Redis is not connected')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    server.resume()
    await eventually(async () => expect(await positionIn(store)).toBe(5n))
  })
})

it('that is silent or away gathers no offers', async () => {
  const { store } = await givenStore()
  const sent: number[] = []
  server.pause()
  // Only the first one is sent; the others are told at once that they were not taken.
  const offers = Array.from({ length: 100 }, (_, index) =>
    store.put(aggregate(BigInt(index + 1)), { ttlMs: 1000 }).catch(() => sent.push(index)),
  )
  const outcomes = await Promise.all(offers)
  expect(sent).toEqual([0])
  expect(outcomes.slice(1)).toEqual(Array.from({ length: 99 }, () => false))
  await eventually(() => expect(store.get('one')).rejects.toThrow('Redis is not connected'))
  expect(await store.put(aggregate(200n), { ttlMs: 1000 })).toBe(false)
  expect((await store.last('one'))?.position).toBe(200n)
  server.resume()
})

describe('a full Redis', () => {
  it('refuses, and then has none rather than an outdated one', async () => {
    const [{ store: writer }, { store: reader }] = [await givenStore(), await givenStore()]
    const redis = givenRedis()
    await writer.put(aggregate(5n))
    expect(await positionIn(reader)).toBe(5n)
    await redis.config('SET', 'maxmemory-policy', 'noeviction')
    await redis.config('SET', 'maxmemory', '1')
    await expect(writer.put(aggregate(6n))).rejects.toThrow('OOM')
    expect(await reader.get('one')).toBeUndefined()
    await expect(reader.put(aggregate(6n), { ttlMs: 1000 })).rejects.toThrow('OOM')
    await redis.config('SET', 'maxmemory', '0')
    expect(await writer.put(aggregate(6n))).toBe(true)
    expect(await positionIn(reader)).toBe(6n)
  })

  it('that evicted it takes it again, offered by a query or put by its keeper', async () => {
    const { store } = await givenStore()
    await store.put(aggregate(5n))
    await givenRedis().del(KEY)
    expect(await store.get('one')).toBeUndefined()
    expect(await store.put(aggregate(5n), { ttlMs: 60_000 })).toBe(true)
    expect(await positionIn(store)).toBe(5n)
    expect(await store.put(aggregate(5n))).toBe(true)
    expect(await givenRedis().pttl(KEY)).toBe(-1)
  })
})

describe('given snapshots of a log that was restored since', () => {
  /** A store that knows which events the log has, by position. */
  async function givenStoreOf(log: Record<string, string>) {
    const [stale, seen] = [[] as string[], [] as string[]]
    const store = await RedisSnapshotStore.open({
      url: server.url,
      database: DATABASE,
      marks: { at: async (position) => log[`${position}`] },
      onStale: (sentence) => stale.push(sentence),
      onSeen: ({ position, mark }) => seen.push(`${position}: ${mark}`),
    })
    onTestFinished(() => store.close())
    return { store, stale, seen }
  }

  it('one that stands behind the end of the log, or at another event’s position, is not served, and taken away', async () => {
    const before = await givenStoreOf({ 5: 'old 1' })
    await before.store.put(aggregate(5n), { mark: 'old 1' })
    for (const log of [{}, { 5: 'new 2' }] as const) {
      await before.store.put(aggregate(5n), { mark: 'old 1' })
      const { store, stale } = await givenStoreOf(log)
      expect(await positionIn(store)).toBeUndefined()
      expect(await givenRedis().exists(KEY)).toBe(0)
      expect(stale).toEqual([
        'Redis held results of one at position 5 whose events the event log does not have',
      ])
    }
  })

  it('one that is in the way of an older or the same position gives way', async () => {
    const before = await givenStoreOf({ 5: 'old 1' })
    for (const position of [3n, 5n]) {
      await before.store.put(aggregate(5n), { mark: 'old 1' })
      const { store } = await givenStoreOf({ 3: 'new 1', 5: 'new 2' })
      expect(await store.put(aggregate(position), { mark: position === 3n ? 'new 1' : 'new 2' })).toBe(true)
      expect(await positionIn(store)).toBe(position)
      expect(await givenRedis().hget(KEY, 'mark')).toMatch(/^new/)
      await givenRedis().del(KEY)
    }
  })

  it('one of this log is served, asked for once, and told', async () => {
    const log = { 5: 'one 1', 6: 'two 2' }
    const before = await givenStoreOf(log)
    await before.store.put(aggregate(5n), { mark: 'one 1' })
    const { store, stale, seen } = await givenStoreOf(log)
    expect(await positionIn(store)).toBe(5n)
    await before.store.put(aggregate(6n), { mark: 'two 2' })
    expect(await positionIn(store)).toBe(6n)
    expect(stale).toEqual([])
    expect(seen).toEqual(['5: one 1', '6: two 2'])
  })

  it('while the log is away, what is there is better than nothing', async () => {
    const before = await givenStoreOf({})
    await before.store.put(aggregate(5n), { mark: 'old 1' })
    const store = await RedisSnapshotStore.open({
      url: server.url,
      database: DATABASE,
      marks: { at: () => Promise.reject(new Error('away')) },
    })
    onTestFinished(() => store.close())
    expect(await positionIn(store)).toBe(5n)
  })
})
