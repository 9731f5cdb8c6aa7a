/** Connections that are open but silent, as behind a firewall that forgot them. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'slonik'
import { beforeEach, describe, expect, it } from 'vitest'
import { type NewEvent, NO_STREAM, START } from '../../src/events/event-log.ts'
import { wakeUps } from '../../src/events/postgres/follow.ts'
import { PostgresEventLog } from '../../src/events/postgres/postgres-event-log.ts'
import { holdAdvisoryLock } from '../../src/postgres/advisory-lock.ts'
import { openPool } from '../../src/postgres/pool.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startProxy } from '../support/silent-proxy.ts'

let directUrl: string
let url: string
let proxy: Awaited<ReturnType<typeof startProxy>>
let logs: PostgresEventLog[] = []

beforeEach(async () => {
  const database = await createTestDatabase()
  directUrl = database.url
  proxy = await startProxy(Number(new URL(database.url).port))
  url = proxy.through(database.url)
  return async () => {
    for (const log of logs) await log.close()
    logs = []
    await proxy.close()
    await database.drop()
  }
})

const event = (id: string = randomUUID(), data: object = {}): NewEvent => ({
  id,
  type: 'Tested',
  schemaVersion: 1,
  data,
})

function givenLog(options: { databaseUrl?: string; deadlineMs?: number } = {}): PostgresEventLog {
  const log = new PostgresEventLog({ databaseUrl: url, deadlineMs: 1500, ...options })
  logs.push(log)
  return log
}

/** It ends by itself long before anybody would call it hung. */
const soon = <T>(promise: Promise<T>): Promise<T> =>
  Promise.race([promise, sleep(10_000).then(() => Promise.reject(new Error('it hangs')))])

describe('appends', { timeout: 40_000 }, () => {
  it('go on over new connections once the old ones are silent, each counted once', async () => {
    const log = givenLog()
    await log.append('before', [event()], NO_STREAM)
    proxy.silence()
    const id = randomUUID()
    const during = log.append('during', [event(id)], NO_STREAM)
    await expect(during).rejects.toMatchObject({ name: 'EventLogUnavailable' })
    // Sent again with the same id, it is there once whatever became of the first attempt.
    await log.append('during', [event(id)], NO_STREAM)
    expect(await log.readStream('during')).toHaveLength(1)
    await log.append('after', [event()], NO_STREAM)
  })

  it('that a silent server keeps waiting are told so when the log is closed', async () => {
    const log = new PostgresEventLog({ databaseUrl: url, deadlineMs: 60_000 })
    await log.append('before', [event()], NO_STREAM)
    proxy.silenceAll()
    // More than the lanes can take at once: some are sent, some connect, some wait.
    const appends = ['a', 'b', 'c', 'c'].map((stream) => log.append(stream, [event()], NO_STREAM))
    const told = Promise.allSettled(appends)
    await sleep(50)
    await soon(log.close())
    for (const outcome of await told)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'EventLogUnavailable' } })
  })
})

describe('following the log', { timeout: 40_000 }, () => {
  it('notices a silent connection by asking, and listens over another one', async () => {
    const told: (string | undefined)[] = []
    const stop = new AbortController()
    const follow = async () => {
      for await (const _ of wakeUps(url, stop.signal, (error) => told.push(error?.message)));
    }
    const following = follow()
    await eventually(() => expect(told).toEqual([undefined]))
    proxy.silence()
    await eventually(() => expect(told).toEqual([undefined, expect.any(String), undefined]), 15_000)
    stop.abort()
    await soon(following)
  })

  it('tells of everything that was appended meanwhile, in order', async () => {
    const [follower, writer] = [givenLog(), givenLog({ databaseUrl: directUrl })]
    const stop = new AbortController()
    const seen: bigint[] = []
    const follow = async () => {
      for await (const events of follower.subscribe({ after: START, signal: stop.signal }))
        seen.push(...events.map(({ position }) => position))
    }
    const following = follow()
    await writer.append('one', [event()], NO_STREAM)
    await eventually(() => expect(seen).toEqual([1n]))
    proxy.silence()
    await writer.append('two', [event(), event()], NO_STREAM)
    await eventually(() => expect(seen).toEqual([1n, 2n, 3n]), 15_000)
    stop.abort()
    await soon(following)
  })
})

describe('reading the log', { timeout: 60_000 }, () => {
  /** More than all the buffers on the way hold. */
  const EVENTS = 3000
  const filling = { text: 'x'.repeat(10_000) }

  async function givenLargeLog(deadlineMs: number) {
    const writer = givenLog({ databaseUrl: directUrl, deadlineMs: 30_000 })
    for (let stream = 0; stream < EVENTS / 100; stream++) {
      const events = Array.from({ length: 100 }, () => event(randomUUID(), filling))
      await writer.append(`stream-${stream}`, events, NO_STREAM)
    }
    return givenLog({ deadlineMs })
  }

  it('fails where the server goes silent half-way, and works again over a new connection', async () => {
    const log = await givenLargeLog(1500)
    let [read, silent] = [0, false]
    const readSome = async () => {
      for await (const events of log.readAll({ after: START })) {
        read += events.length
        if (!silent) proxy.silence()
        silent = true
      }
    }
    await expect(soon(readSome())).rejects.toMatchObject({ name: 'EventLogUnavailable' })
    expect(read).toBeLessThan(EVENTS)
    read = 0
    await readSome()
    expect(read).toBe(EVENTS)
  })

  it('does not take a slow reader for a silent server', async () => {
    const log = await givenLargeLog(700)
    let [read, pauses] = [0, 0]
    for await (const events of log.readAll({ after: START })) {
      read += events.length
      if (pauses++ < 3) await sleep(1000)
    }
    expect(read).toBe(EVENTS)
  })
})

describe('the projection’s pool', { timeout: 60_000 }, () => {
  async function givenPool(size: number) {
    const pool = await openPool({ databaseUrl: url, deadlineMs: 1000, size })
    const ask = () => pool.oneFirst(sql.unsafe`select 1`)
    const askAtOnce = () => Promise.all(Array.from({ length: size }, ask))
    return { pool, ask, askAtOnce }
  }

  it('gives up a silent connection, and every other one that rests beside it', async () => {
    const { pool, ask, askAtOnce } = await givenPool(3)
    await askAtOnce()
    expect(proxy.connections()).toBe(3)
    proxy.silence()
    await expect(soon(ask())).rejects.toThrow('PostgreSQL took more than')
    expect(await soon(askAtOnce())).toEqual([1, 1, 1])
    await soon(pool.end())
  })

  it('gives up a transaction, which then is not committed', async () => {
    const { pool } = await givenPool(1)
    const transaction = pool.transaction(async (connection) => {
      await connection.query(sql.unsafe`create table half_done (id int)`)
      proxy.silence()
      await connection.query(sql.unsafe`insert into half_done values (1)`)
    })
    await expect(soon(transaction)).rejects.toThrow('PostgreSQL took more than')
    await proxy.close()
    proxy = await startProxy(Number(new URL(directUrl).port))
    const direct = await openPool({ databaseUrl: directUrl, deadlineMs: 1000, size: 1 })
    const exists = () => direct.oneFirst(sql.unsafe`select to_regclass('half_done') is not null`)
    await eventually(async () => expect(await exists()).toBe(false))
    await direct.end()
    await soon(pool.end())
  })

  it('waits for no handshake with a silent server, and connects when it speaks again', async () => {
    const { pool, ask } = await givenPool(2)
    proxy.silenceAll()
    for (let attempt = 0; attempt < 3; attempt++) await expect(soon(ask())).rejects.toThrow()
    proxy.resume()
    expect(await soon(ask())).toBe(1)
    await soon(pool.end())
  })

  it('ends soon, whatever is silent', async () => {
    const { pool, ask, askAtOnce } = await givenPool(3)
    await askAtOnce()
    proxy.silenceAll()
    const waiting = Promise.allSettled([ask(), ask(), ask(), ask(), ask()])
    await sleep(50)
    await soon(pool.end())
    await soon(waiting)
  })
})

it('a lock whose holder the server no longer hears is free for another', { timeout: 60_000 }, async () => {
  const never = new AbortController().signal
  const held = await holdAdvisoryLock(url, 4713, never)
  // The server is told nothing of it: for it the connection stays open.
  proxy.silenceAll()
  await (await holdAdvisoryLock(directUrl, 4713, AbortSignal.timeout(40_000))).release()
  expect(held.lost.aborted).toBe(true)
  await soon(held.release())
})

it('a lock whose connection is silent is lost, and is let go without an answer', async () => {
  const held = await holdAdvisoryLock(url, 4712, new AbortController().signal)
  proxy.silenceAll()
  await eventually(() => expect(held.lost.aborted).toBe(true), 15_000)
  await soon(held.release())
})
