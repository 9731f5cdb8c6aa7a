/** What NATS adds to the contract: it keeps batches, and loses them. */

import { connect, type NatsConnection } from 'nats'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Bus } from '../../src/events/bus.ts'
import { markOf } from '../../src/events/log-marks.ts'
import { type OpenNats, openNats } from '../../src/events/nats/open.ts'
import { batch } from '../support/batches.ts'
import { eventually } from '../support/eventually.ts'
import { NatsServer } from '../support/nats-server.ts'

let server: NatsServer
let nats: OpenNats
let connection: ('lost' | 'there')[]

beforeEach(async () => {
  server = await NatsServer.start()
  connection = []
  const onConnection = (error?: Error) => connection.push(error ? 'lost' : 'there')
  nats = await openNats({ url: server.url, id: 'one', onConnection })
})
afterEach(async () => {
  await nats.close()
  await server.close()
})

const publish = async (first: number, last = first) =>
  await (await nats.bus.publisher()).publish(batch(first, last))

/** Subscribes under one name, until stopped. */
function listen(bus: Bus, { acknowledging }: { acknowledging: boolean }) {
  const heard: bigint[] = []
  const stop = new AbortController()
  const done = (async () => {
    for await (const each of bus.subscribe({ name: 'projector', signal: stop.signal })) {
      heard.push(each.last)
      if (acknowledging) each.acknowledge()
    }
  })()
  return {
    heard,
    stop: async () => {
      stop.abort()
      await done
    },
  }
}

/** As an administrator would, behind the program's back. */
async function meddle(
  work: (connection: NatsConnection) => Promise<unknown>,
  { url } = server,
): Promise<void> {
  const admin = await connect({ servers: url })
  await work(admin)
  await admin.close()
}

describe('given batches that were published before', () => {
  it('a subscriber gets them, and after it has acknowledged them no more', async () => {
    await publish(1, 3)
    await publish(4)
    const first = listen(nats.bus, { acknowledging: true })
    await eventually(() => expect(first.heard).toEqual([3n, 4n]))
    await first.stop()
    await publish(5)
    const second = listen(nats.bus, { acknowledging: true })
    await eventually(() => expect(second.heard).toEqual([5n]))
    await second.stop()
  })

  it('the next publisher knows where they end, also after a restart of the server', async () => {
    await publish(1, 3)
    expect((await nats.bus.publisher()).last).toBe(3n)
    await server.kill()
    await server.restart()
    await eventually(async () => expect((await nats.bus.publisher()).last).toBe(3n), 10_000)
  })

  it('another service on the same NATS sees nothing of them', async () => {
    await publish(1, 3)
    const other = await openNats({ url: server.url, id: 'two' })
    expect((await other.bus.publisher()).last).toBeUndefined()
    await other.close()
  })
})

describe('given two publishers', () => {
  it('only one of them gets through, and is told apart by its failure', async () => {
    const [one, two] = [await nats.bus.publisher(), await nats.bus.publisher()]
    await one.publish(batch(1))
    await expect(two.publish(batch(1))).rejects.toThrow('wrong last sequence')
    await expect(two.publish(batch(2))).rejects.toThrow('wrong last sequence')
    await one.publish(batch(2))
    expect((await nats.bus.publisher()).last).toBe(2n)
  })
})

describe('given somebody meddles with the stream', () => {
  it('a purged one is gone on with', async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    const publisher = await nats.bus.publisher()
    await publisher.publish(batch(1))
    await eventually(() => expect(listener.heard).toEqual([1n]))
    await meddle(async (admin) => (await admin.jetstreamManager()).streams.purge('taxbudget-one'))
    expect((await nats.bus.publisher()).last).toBeUndefined()
    await publisher.publish(batch(2))
    await eventually(() => expect(listener.heard).toEqual([1n, 2n]))
    await listener.stop()
  })

  it('a deleted one is made again, by whoever comes first', async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    const publisher = await nats.bus.publisher()
    await publisher.publish(batch(1))
    await eventually(() => expect(listener.heard).toEqual([1n]))
    await meddle(async (admin) => (await admin.jetstreamManager()).streams.delete('taxbudget-one'))
    await expect(publisher.publish(batch(2))).rejects.toThrow()
    await publish(2)
    await eventually(() => expect(listener.heard).toEqual([1n, 2n]), 10_000)
    await listener.stop()
  })

  it('a deleted consumer is made again', async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    await publish(1)
    await eventually(() => expect(listener.heard).toEqual([1n]))
    await meddle(async (admin) =>
      (await admin.jetstreamManager()).consumers.delete('taxbudget-one', 'projector'),
    )
    await publish(2)
    await eventually(() => expect(listener.heard).toContain(2n), 10_000)
    await listener.stop()
  })

  it('messages that are none of ours are passed over, and damaged ones are told when they are read', async () => {
    await meddle((admin) =>
      admin
        .jetstream()
        .publish('taxbudget.one.events', 'hello')
        .catch(() => {}),
    )
    await publish(1)
    await meddle((admin) => admin.jetstream().publish('taxbudget.one.events', 'hello'))
    const listener = listen(nats.bus, { acknowledging: true })
    await publish(2)
    await eventually(() => expect(listener.heard).toEqual([1n, 2n]))
    await listener.stop()
  })
})

describe('given a server that is killed, emptied, or silent', () => {
  it('a subscription goes on by itself when it is back', { timeout: 30_000 }, async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    await publish(1)
    await eventually(() => expect(listener.heard).toEqual([1n]))
    await server.kill()
    await eventually(() => expect(connection.at(-1)).toBe('lost'))
    await server.empty()
    await server.restart()
    await eventually(() => publish(2), 10_000)
    await eventually(() => expect(listener.heard).toEqual([1n, 2n]), 15_000)
    expect(connection.at(-1)).toBe('there')
    await listener.stop()
  })

  it('while it is silent a publisher is told within seconds, and nobody hangs', {
    timeout: 30_000,
  }, async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    const publisher = await nats.bus.publisher()
    server.pause()
    await expect(publisher.publish(batch(1))).rejects.toThrow()
    await eventually(() => expect(connection.at(-1)).toBe('lost'), 10_000)
    await expect(nats.bus.publisher()).rejects.toThrow('not connected')
    server.resume()
    await eventually(() => expect(connection.at(-1)).toBe('there'), 10_000)
    await eventually(() => publish(1), 10_000)
    await eventually(() => expect(listener.heard).toContain(1n), 15_000)
    await listener.stop()
  })

  it('everything closes at once while it is silent', { timeout: 30_000 }, async () => {
    const listener = listen(nats.bus, { acknowledging: true })
    await publish(1)
    server.pause()
    const started = performance.now()
    await nats.close()
    await listener.stop()
    expect(performance.now() - started).toBeLessThan(8000)
    server.resume()
  })
})

describe('announcements', () => {
  it('reach whoever listens to their topic, until they stop', async () => {
    const other = await openNats({ url: server.url, id: 'one' })
    const heard: string[] = []
    const stop = other.announcements.hear('snapshots', (text) => heard.push(text))
    other.announcements.hear('weather', (text) => heard.push(`weather ${text}`))
    await eventually(() => {
      nats.announcements.announce('snapshots', 'a')
      expect(heard).toContain('a')
    })
    stop()
    heard.length = 0
    nats.announcements.announce('snapshots', 'b')
    nats.announcements.announce('weather', 'fine')
    await eventually(() => expect(heard).toEqual(['weather fine']))
    await other.close()
  })

  it('are dropped while NATS is away, and go on when it is back', { timeout: 30_000 }, async () => {
    const heard: string[] = []
    nats.announcements.hear('snapshots', (text) => heard.push(text))
    await server.kill()
    await eventually(() => expect(nats.announcements.connected).toBe(false), 10_000)
    nats.announcements.announce('snapshots', 'lost')
    await server.restart()
    await eventually(() => {
      nats.announcements.announce('snapshots', 'found')
      expect(heard).toContain('found')
    }, 10_000)
    expect(heard).not.toContain('lost')
  })
})

describe('a batch whose events belong to a trace', () => {
  it('names it in the header of its message', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const events = batch(1).events.map((event) => ({ ...event, metadata: { traceparent } }))
    await (await nats.bus.publisher()).publish({ previous: 0n, events })
    await meddle(async (admin) => {
      const message = await (await admin.jetstreamManager()).streams.getMessage('taxbudget-one', { seq: 1 })
      expect(message.header.values('traceparent')).toEqual([traceparent])
    })
  })
})

describe('given a NATS with little room on its disk', () => {
  it('several services share it, each with what there is', async () => {
    const small = await NatsServer.withRoomFor('100MB')
    onTestFinished(() => small.close())
    const kept: number[] = []
    for (const id of ['one', 'two']) {
      const service = await openNats({ url: small.url, id })
      onTestFinished(() => service.close())
      await (await service.bus.publisher()).publish(batch(1))
      // Asked for again, it stays as it is.
      expect((await service.bus.publisher()).last).toBe(1n)
      await meddle(async (admin) => {
        const { config } = await (await admin.jetstreamManager()).streams.info(`taxbudget-${id}`)
        kept.push(config.max_bytes / 1024 / 1024)
      }, small)
    }
    expect(kept).toEqual([64, 32])
  })

  it('whoever finds none at all is told so', async () => {
    const full = await NatsServer.withRoomFor('8MB')
    onTestFinished(() => full.close())
    const service = await openNats({ url: full.url, id: 'one' })
    onTestFinished(() => service.close())
    await expect(service.bus.publisher()).rejects.toThrow('insufficient storage')
  })
})

it('tells of a loss and of its end once each, however often the password is refused meanwhile', {
  timeout: 30_000,
}, async () => {
  await server.kill()
  await server.restart({ settings: ['--user', 'somebody', '--pass', 'else'] })
  await new Promise((resolve) => setTimeout(resolve, 3000))
  await server.kill()
  await server.restart()
  await eventually(() => publish(1), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(connection.filter((now, index) => now === 'there' && connection[index - 1] === 'there')).toEqual([])
  expect(connection.at(-1)).toBe('there')
})

describe('given a stream of a log that was restored since', () => {
  /** The bus as a process of its own opens it, of a log that ends at this position, or has other events there. */
  async function givenBusOf(log: Record<string, string>) {
    const stale: string[] = []
    const marks = { at: async (position: bigint) => log[`${position}`] }
    const other = await openNats({ url: server.url, id: 'one', marks, onStale: (told) => stale.push(told) })
    onTestFinished(() => other.close())
    return { bus: other.bus, stale }
  }
  const mark = (last: number) => markOf(batch(last).events[0]!)
  const told = ['NATS held events up to position 3 that the event log does not have']

  it.each([
    ['a log that ends before', { 2: mark(2) }],
    ['a log that has grown again', { 3: 'another 1', 9: 'more 1' }],
  ])('of %s: whoever publishes finds it empty', async (_, log) => {
    await publish(1, 3)
    const { bus, stale } = await givenBusOf(log)
    expect((await bus.publisher()).last).toBeUndefined()
    expect(stale).toEqual(told)
  })

  it('whoever subscribes gets nothing of it, and what comes then', async () => {
    await publish(1, 3)
    const { bus, stale } = await givenBusOf({ 3: 'another 1' })
    const listening = listen(bus, { acknowledging: true })
    await eventually(() => expect(stale).toEqual(told))
    await publish(8, 9)
    await eventually(() => expect(listening.heard).toEqual([9n]))
    await listening.stop()
  })

  it('of this log: it stays', async () => {
    await publish(1, 3)
    const { bus, stale } = await givenBusOf({ 3: mark(3) })
    expect((await bus.publisher()).last).toBe(3n)
    expect(stale).toEqual([])
  })
})
