/**
 * What every bus must hold. It may lose, repeat and reorder, so this asks for what it does when nothing is wrong, and
 * that a subscriber who is slow or gone harms nobody.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus, EventBatch } from '../../src/events/bus.ts'
import { batch } from '../support/batches.ts'
import { eventually } from '../support/eventually.ts'

export interface BusHarness {
  readonly bus: Bus
  close(): Promise<void>
}

let names = 0

/** Subscribes in the background, keeping what comes. */
function listen(bus: Bus) {
  const heard: EventBatch[] = []
  const stop = new AbortController()
  const done = (async () => {
    for await (const each of bus.subscribe({ name: `listener-${++names}`, signal: stop.signal })) {
      expect(each.last).toBe(each.events().at(-1)!.position)
      heard.push({ previous: each.previous, events: each.events() })
      each.acknowledge()
    }
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
      const publisher = await bus.publisher()
      await Promise.all([publisher.publish(batch(1, 3)), publisher.publish(batch(4))])
      await eventually(() => expect(listener.positions()).toEqual([1, 2, 3, 4]))
      await listener.stop()
      expect(listener.heard.at(-1)).toEqual(batch(4))
    })

    it('brings every batch to every subscriber', async () => {
      const [one, two] = [listen(bus), listen(bus)]
      const publisher = await bus.publisher()
      await publisher.publish(batch(1))
      await eventually(() => expect([one.positions(), two.positions()]).toEqual([[1], [1]]))
      await one.stop()
      await publisher.publish(batch(2))
      await eventually(() => expect(two.positions()).toEqual([1, 2]))
      await two.stop()
      expect(one.positions()).toEqual([1])
    })

    it('does not keep the publisher waiting for a subscriber that takes nothing', async () => {
      const stop = new AbortController()
      const slow = bus.subscribe({ name: 'slow', signal: stop.signal })[Symbol.asyncIterator]()
      const first = slow.next()
      const publisher = await bus.publisher()
      for (let n = 1; n <= 3000; n++) await publisher.publish(batch(n))
      const { value } = await first
      expect(value && { previous: value.previous, events: value.events() }).toEqual(batch(1))
      stop.abort()
      await slow.return?.()
    })

    it('carries a batch of any size, in parts if need be', async () => {
      const listener = listen(bus)
      const publisher = await bus.publisher()
      await publisher.publish(batch(1, 5000))
      await eventually(() => expect(listener.positions()).toHaveLength(5000), 10_000)
      await listener.stop()
      let previous = 0n
      for (const each of listener.heard) {
        expect(each.previous).toBe(previous)
        previous = each.events.at(-1)!.position
      }
    })

    it('holds nothing once it has been cleared', async () => {
      await (await bus.publisher()).publish(batch(1))
      await bus.clear()
      expect((await bus.publisher()).last).toBeUndefined()
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
