/**
 * What every bus must hold. It may lose, repeat and reorder, so this asks for what it does when nothing is wrong, and
 * that a subscriber who is slow or gone harms nobody.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus, EventBatch } from '../../src/events/bus.ts'
import type { RecordedEvent } from '../../src/events/event-log.ts'
import { eventually } from '../support/eventually.ts'

export interface BusHarness {
  readonly bus: Bus
  close(): Promise<void>
}

const batch = (first: number, last = first): EventBatch => ({
  previous: BigInt(first - 1),
  events: Array.from({ length: last - first + 1 }, (_, n): RecordedEvent => {
    const position = BigInt(first + n)
    const recordedAt = '2026-01-01T00:00:00.000Z'
    const id = '7f0c1b1e-2a6e-4c57-9c3b-6f2f7f3e9a01'
    return {
      position,
      stream: `s-${position}`,
      revision: 0,
      id,
      type: 'Tested',
      schemaVersion: 1,
      data: { n: first + n },
      metadata: { traceparent: '00-abc-def-01' },
      recordedAt,
    }
  }),
})

/** Subscribes in the background, keeping what comes. */
function listen(bus: Bus) {
  const heard: EventBatch[] = []
  const stop = new AbortController()
  const done = (async () => {
    for await (const each of bus.subscribe({ signal: stop.signal })) heard.push(each)
  })()
  return {
    heard,
    positions: () => heard.flatMap(({ events }) => events.map(({ position }) => Number(position))),
    stop: async () => {
      stop.abort()
      await done
    },
  }
}

export function busContract(name: string, open: () => Promise<BusHarness>): void {
  describe(`bus contract: ${name}`, () => {
    let harness: BusHarness
    let bus: Bus

    beforeEach(async () => {
      harness = await open()
      bus = harness.bus
    })
    afterEach(() => harness.close())

    it('brings batches to a subscriber in order, whole', async () => {
      const listener = listen(bus)
      await bus.publish(batch(1, 3))
      await bus.publish(batch(4))
      await eventually(() => expect(listener.positions()).toEqual([1, 2, 3, 4]))
      await listener.stop()
      expect(listener.heard.at(-1)).toEqual(batch(4))
    })

    it('brings every batch to every subscriber', async () => {
      const [one, two] = [listen(bus), listen(bus)]
      await bus.publish(batch(1))
      await eventually(() => expect([one.positions(), two.positions()]).toEqual([[1], [1]]))
      await one.stop()
      await bus.publish(batch(2))
      await eventually(() => expect(two.positions()).toEqual([1, 2]))
      await two.stop()
      expect(one.positions()).toEqual([1])
    })

    it('does not keep the publisher waiting for a subscriber that takes nothing', async () => {
      const stop = new AbortController()
      const slow = bus.subscribe({ signal: stop.signal })[Symbol.asyncIterator]()
      const first = slow.next()
      for (let n = 1; n <= 3000; n++) await bus.publish(batch(n))
      expect((await first).value).toEqual(batch(1))
      stop.abort()
      await slow.return?.()
    })

    it('ends a subscription at once when its signal aborts, and at close', async () => {
      const [aborted, closed] = [listen(bus), listen(bus)]
      await aborted.stop()
      await bus.close()
      await closed.stop()
      expect(closed.positions()).toEqual([])
    })
  })
}
