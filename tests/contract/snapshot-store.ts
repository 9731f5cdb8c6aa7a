/** What every snapshot store must hold. An adapter's own test calls this with its harness. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tally } from '../../src/projections/category-aggregate.ts'
import { openedPoll, type PollAggregate } from '../../src/projections/poll-aggregate.ts'
import type { SnapshotStore } from '../../src/projections/snapshot-store.ts'
import { plain } from '../support/aggregates.ts'
import { testPoll } from '../support/history.ts'

export interface SnapshotStoreHarness {
  readonly store: SnapshotStore
  /** Lets so much time pass for the store. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** Longer than anybody has to wait on a busy machine. */
const A_MINUTE_MS = 60_000

/** An aggregate of `poll` at `position` with one submission. */
function aggregate(poll: string, position: bigint): PollAggregate {
  const opened = openedPoll(testPoll(poll), position, '2026-01-01T00:00:00.000Z')
  opened.counted = 1
  for (const [index, category] of opened.categories.entries()) tally(category, index === 0 ? 10_000 : 0, 1)
  return opened
}

export function snapshotStoreContract(name: string, open: () => Promise<SnapshotStoreHarness>): void {
  describe(`snapshot store contract: ${name}`, () => {
    let harness: SnapshotStoreHarness
    let store: SnapshotStore
    const positionOf = async (poll: string) => (await store.get(poll))?.position

    beforeEach(async () => {
      harness = await open()
      store = harness.store
    })
    afterEach(() => harness.close())

    it('has nothing at first', async () => {
      expect(await store.get('one')).toBeUndefined()
    })

    it('gives back what was put, each poll its own', async () => {
      expect(await store.put(aggregate('one', 5n))).toBe(true)
      expect(await store.put(aggregate('two', 7n))).toBe(true)
      expect(plain(await store.get('one'))).toEqual(plain(aggregate('one', 5n)))
      expect(await positionOf('two')).toBe(7n)
    })

    it('takes a newer one, never an older or the same', async () => {
      await store.put(aggregate('one', 5n))
      expect(await store.put(aggregate('one', 4n))).toBe(false)
      expect(await store.put(aggregate('one', 5n))).toBe(false)
      expect(await positionOf('one')).toBe(5n)
      expect(await store.put(aggregate('one', 6n))).toBe(true)
      expect(await positionOf('one')).toBe(6n)
    })

    it('takes what is of a later promotion, wherever it stands, and then nothing of an earlier one', async () => {
      const of = (generation: number, position: bigint) => ({ ...aggregate('one', position), generation })
      await store.put(aggregate('one', 5n))
      expect(await store.put(of(1, 5n))).toBe(true)
      expect((await store.get('one'))?.generation).toBe(1)
      expect(await store.put(aggregate('one', 9n))).toBe(false)
      expect(await store.put(aggregate('one', 9n), { ttlMs: A_MINUTE_MS })).toBe(false)
      expect(await store.put(of(2, 4n))).toBe(true)
      expect(await store.put(of(1, 2n ** 60n))).toBe(false)
      expect(await store.get('one')).toMatchObject({ generation: 2, position: 4n })
      expect(await store.put(of(2, 6n))).toBe(true)
    })

    it('keeps the newest of many put at once, in whatever order', async () => {
      const positions = Array.from({ length: 50 }, (_, n) => BigInt(((n * 37) % 50) + 1))
      await Promise.all(positions.map((position) => store.put(aggregate('one', position))))
      expect(await positionOf('one')).toBe(50n)
    })

    it('compares positions as numbers, beyond 2^53', async () => {
      await store.put(aggregate('one', 9_007_199_254_740_993n))
      expect(await store.put(aggregate('one', 9_007_199_254_740_992n))).toBe(false)
      expect(await store.put(aggregate('one', 10_007_199_254_740_992n))).toBe(true)
    })

    it('forgets an offer in time, and lets its keeper take over before', async () => {
      await store.put(aggregate('one', 5n), { ttlMs: A_MINUTE_MS })
      await store.put(aggregate('two', 5n), { ttlMs: A_MINUTE_MS })
      expect(await positionOf('one')).toBe(5n)
      expect(await store.put(aggregate('two', 5n))).toBe(true)
      await harness.pass(A_MINUTE_MS + 500)
      expect(await positionOf('one')).toBeUndefined()
      expect(await positionOf('two')).toBe(5n)
      expect((await store.last('two'))?.position).toBe(5n)
      expect(await store.last('three')).toBeUndefined()
    })

    it('takes an older one once the newer offer is forgotten', async () => {
      await store.put(aggregate('one', 9n), { ttlMs: A_MINUTE_MS })
      expect(await store.put(aggregate('one', 8n))).toBe(false)
      await harness.pass(A_MINUTE_MS + 500)
      expect(await store.put(aggregate('one', 8n))).toBe(true)
    })

    it('tells its listeners of each that was taken', async () => {
      const heard: bigint[] = []
      const stop = store.onChange(({ position }) => heard.push(position))
      await store.put(aggregate('one', 5n))
      await store.put(aggregate('one', 4n))
      await store.put(aggregate('one', 6n))
      stop()
      await store.put(aggregate('one', 7n))
      expect(heard).toEqual([5n, 6n])
    })
  })
}
