/** The test server, seen through the client as its makers ship it, which appends by BatchAppend. */
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { TestServer } from './test-server.ts'

const event = (n = 1) => jsonEvent({ id: randomUUID(), type: 'Tested', data: { n } })

let server: TestServer
let client: EventStoreDBClient

beforeEach(async () => {
  server = await TestServer.start()
  client = connect(server.url)
})
afterEach(async () => {
  await client.dispose()
  await server.close()
})

const connect = (url: string) => EventStoreDBClient.connectionString(url) as EventStoreDBClient

async function all<Item>(reading: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of reading) items.push(item)
  return items
}

describe('BatchAppend', () => {
  it('writes with explicit revisions, and tells revision and position of the last event', async () => {
    const first = await client.appendToStream('s', [event(), event()], { expectedRevision: 'no_stream' })
    const second = await client.appendToStream('s', event(), { expectedRevision: 1n })
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([1n, 2n])
    expect(second.position!.commit).toBe(server.store.stream('s')[2]!.position)
    expect(server.calls).toMatchObject({ batchAppend: 2, features: 1 })
  })

  it('refuses another revision and names the actual one', async () => {
    await client.appendToStream('s', [event(), event()], { expectedRevision: 'no_stream' })
    for (const expectedRevision of ['no_stream', 0n, 7n] as const)
      await expect(client.appendToStream('s', event(), { expectedRevision })).rejects.toMatchObject({
        type: 'wrong-expected-version',
        actualVersion: 1n,
      })
    await expect(client.appendToStream('t', event(), { expectedRevision: 0n })).rejects.toMatchObject({
      actualVersion: 'no_stream',
    })
  })

  it('answers the same events at the same revision as the first time, partly the same with a conflict', async () => {
    const events = [event(), event()]
    const first = await client.appendToStream('s', events, { expectedRevision: 'no_stream' })
    await client.appendToStream('s', event(), { expectedRevision: 1n })
    expect(await client.appendToStream('s', events, { expectedRevision: 'no_stream' })).toEqual(first)
    expect(await client.appendToStream('s', events, { expectedRevision: 'any' })).toEqual(first)
    for (const other of [
      [events[0]!, event()],
      [...events, event()],
    ])
      await expect(
        client.appendToStream('s', other, { expectedRevision: 'no_stream' }),
      ).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n })
    expect(server.store.stream('s')).toHaveLength(3)
  })

  it('takes an append that comes in several parts', async () => {
    const events = Array.from({ length: 50 }, (_, n) => event(n))
    await client.appendToStream('s', events, { expectedRevision: 'no_stream', batchAppendSize: 500 })
    expect(server.store.stream('s').map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(server.calls.batchAppend).toBeGreaterThan(2)
  })

  it('sends the client to the leader', async () => {
    const leader = await TestServer.start({ store: server.store })
    server.leader = leader
    const append = () =>
      client.appendToStream('s', event(), { expectedRevision: 'no_stream', requiresLeader: true })
    await expect(append()).rejects.toMatchObject({ type: 'not-leader', leader: { port: leader.port } })
    await append()
    expect(leader.calls.batchAppend).toBe(1)
    await client.dispose()
    await leader.close()
  })

  it('fails while the server is not ready', async () => {
    server.unavailable = true
    await expect(client.appendToStream('s', event())).rejects.toThrow('Server Is Not Ready')
    server.unavailable = false
    await client.appendToStream('s', event())
  })
})

describe('Read', () => {
  beforeEach(async () => {
    for (let n = 0; n < 5; n++) await client.appendToStream(n % 2 ? 'odd' : 'even', event(n))
  })
  const numbers = (items: readonly { event?: { data?: unknown } }[]) =>
    items.map((item) => (item.event!.data as { n?: number }).n)

  it('of a stream: from a revision, either way, so many', async () => {
    expect(numbers(await all(client.readStream('even')))).toEqual([0, 2, 4])
    expect(numbers(await all(client.readStream('even', { fromRevision: 1n, maxCount: 1 })))).toEqual([2])
    const backwards = { direction: 'backwards', fromRevision: 'end' } as const
    expect(numbers(await all(client.readStream('even', backwards)))).toEqual([4, 2, 0])
    await expect(all(client.readStream('none'))).rejects.toMatchObject({ type: 'stream-not-found' })
  })

  it('of $all: forwards the position is included, backwards it is not', async () => {
    const events = await all(client.readAll())
    expect(numbers(events)).toEqual([undefined, 0, 1, 2, 3, 4])
    const fromPosition = events[3]!.event!.position
    expect(numbers(await all(client.readAll({ fromPosition })))).toEqual([2, 3, 4])
    const backwards = { direction: 'backwards', fromPosition, maxCount: 2 } as const
    expect(numbers(await all(client.readAll(backwards)))).toEqual([1, 0])
    expect(
      numbers(await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }))),
    ).toEqual([4])
  })

  it('refuses a position that no event has', async () => {
    const [, first] = await all(client.readAll())
    const commit = first!.event!.position.commit + 1n
    await expect(all(client.readAll({ fromPosition: { commit, prepare: commit } }))).rejects.toThrow(
      'InvalidPosition',
    )
  })

  it('keeps data, metadata and time', async () => {
    const sent = jsonEvent({ type: 'Kept', data: { text: 'ä\u0000"' }, metadata: { a: ['b'] } })
    await client.appendToStream('kept', sent)
    const [kept] = await all(client.readStream('kept'))
    expect(kept!.event).toMatchObject({
      streamId: 'kept',
      id: sent.id,
      data: sent.data,
      metadata: sent.metadata,
    })
    expect(Math.abs(kept!.event!.created.getTime() - Date.now())).toBeLessThan(60_000)
  })
})

describe('a subscription to $all', () => {
  it('catches up, says so, follows, and tells how far it has searched', async () => {
    const seen: unknown[] = []
    const checkpoints: bigint[] = []
    await client.appendToStream('ours-1', event(1))
    server.store.addForeign(100)
    const subscription = client.subscribeToAll({
      filter: streamNameFilter({
        prefixes: ['ours-', 'theirs-'],
        maxSearchWindow: 10,
        checkpointInterval: 2,
        checkpointReached: async (_, { commit }) => void checkpoints.push(commit),
      }),
    })
    const told: string[] = []
    subscription.on('confirmation', () => told.push('confirmed'))
    subscription.on('caughtUp', () => told.push(`caught up after ${seen.length}`))
    subscription.on('data', ({ event }) => seen.push((event!.data as { n: number }).n))
    await eventually(() => expect(told).toEqual(['confirmed', 'caught up after 1']))
    // One for 20 events searched, and one for the end.
    expect(checkpoints).toHaveLength(6)
    expect(checkpoints.at(-1)).toBe(server.store.end)
    await client.appendToStream('other-1', event(2))
    await client.appendToStream('theirs-1', event(3))
    await eventually(() => expect(seen).toEqual([1, 3]))
    await subscription.unsubscribe()
  })

  it('starts behind the position it is given, and shows a held append and those behind it only when it is released', async () => {
    const { position } = await client.appendToStream('s', event(1))
    const seen: unknown[] = []
    const subscription = client.subscribeToAll({ fromPosition: position! })
    subscription.on('data', ({ event }) => seen.push((event!.data as { n: number }).n))
    const release = server.store.hold('held')
    const appends = [client.appendToStream('held', event(2)), client.appendToStream('free', event(3))]
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(seen).toEqual([])
    release()
    await Promise.all(appends)
    await eventually(() => expect(seen).toEqual([2, 3]))
    await subscription.unsubscribe()
  })
})
