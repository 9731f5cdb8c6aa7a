import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeadSearch } from '../../src/events/eventstore/head-search.ts'
import type { StoredItem } from '../../src/events/eventstore/stored-event.ts'

/** An event of $all at a place, ours or a neighbour's. */
const item = (position: bigint, ours: boolean) =>
  ({
    event: { streamId: ours ? 'ours' : 'others', position: { commit: position, prepare: position } },
  }) as unknown as StoredItem

const isOurs = ({ event }: StoredItem) => event?.streamId === 'ours'

/** A server, and how many events it has sent. */
function serverOf(all: StoredItem[], breaksOffAfter = Number.POSITIVE_INFINITY) {
  let [sent, calls] = [0, 0]
  const read = async (before: bigint | undefined, maxCount: number) => {
    if (++calls > breaksOffAfter) throw new Error('broken off')
    const visible = before === undefined ? all : all.filter(({ event }) => event!.position!.commit < before)
    const page = visible.slice(-maxCount).reverse()
    sent += page.length
    return page
  }
  return { read, sent: () => sent }
}

const history = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.boolean(), fc.integer({ min: 1, max: 3 })),
  {
    minLength: 1,
    maxLength: 8,
  },
)

test('whatever is appended between the questions, and wherever they break off, the head is the last of ours', async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const search = new HeadSearch(isOurs)
      const all: StoredItem[] = []
      let last = 0n
      for (const [others, ours, breaksOffAfter] of steps) {
        if (ours) {
          last = BigInt(all.length + 1)
          all.push(item(last, true))
        }
        for (let n = 0; n < others; n++) all.push(item(BigInt(all.length + 1), false))
        await search.find(serverOf(all, breaksOffAfter).read).catch(() => {})
        expect(await search.find(serverOf(all).read)).toBe(last)
      }
    }),
    { numRuns: 60 },
  )
})

test('a neighbour’s events are looked at once, however often it is asked and broken off', async () => {
  const search = new HeadSearch(isOurs)
  const all = [item(1n, true), ...Array.from({ length: 100_000 }, (_, n) => item(BigInt(n + 2), false))]
  let sent = 0
  for (let attempts = 0; ; attempts++) {
    expect(attempts).toBeLessThan(40)
    const server = serverOf(all, 4)
    const found = await search.find(server.read).catch(() => undefined)
    sent += server.sent()
    if (found !== undefined) break
  }
  expect(sent).toBeLessThan(150_000)
  const again = serverOf(all)
  expect(await search.find(again.read)).toBe(1n)
  expect(again.sent()).toBeLessThan(100)
})
