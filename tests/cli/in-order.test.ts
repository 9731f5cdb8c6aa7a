import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrder } from '../../src/cli/import/in-order.ts'

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

test('given work that ends in any order, when done in a window, then results come in order and the window holds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 3 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 5 }),
      async (waits, size) => {
        let [now, most] = [0, 0]
        const results = await Array.fromAsync(
          inOrder(from([...waits.entries()]), size, async ([index, wait]) => {
            most = Math.max(most, ++now)
            await sleep(wait)
            now--
            return index
          }),
        )
        expect(results).toEqual(waits.map((_, index) => index))
        expect(most).toBeLessThanOrEqual(size)
      },
    ),
    { numRuns: 30 },
  )
})

test('given a failure, when its turn comes, then it is thrown after the results before it, and the rest is waited for', async () => {
  let ended = 0
  const told: number[] = []
  const results = inOrder(from([0, 1, 2, 3]), 4, async (item) => {
    if (item === 1) throw new Error('no')
    await sleep(5)
    ended++
    return item
  })
  await expect(
    (async () => {
      for await (const item of results) told.push(item)
    })(),
  ).rejects.toThrow('no')
  expect(told).toEqual([0])
  expect(ended).toBe(3)
})
