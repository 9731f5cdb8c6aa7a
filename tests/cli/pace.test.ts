import { expect, test } from 'vitest'
import { Latencies } from '../../src/cli/simulate/latencies.ts'
import { pace } from '../../src/cli/simulate/pace.ts'

test('given a rate, when turns are taken, then they are due at even distances and do not come early', async () => {
  const signal = new AbortController().signal
  const turns: number[] = []
  for await (const { index, due } of pace(6, { rate: 200, signal })) {
    expect(performance.now()).toBeGreaterThanOrEqual(due - 2)
    turns[index] = due
  }
  const distances = turns.slice(1).map((due, index) => due - turns[index]!)
  for (const distance of distances) expect(distance).toBeCloseTo(5, 5)
})

test('given an end, when turns are taken, then no more come', async () => {
  const controller = new AbortController()
  let taken = 0
  for await (const _ of pace(1000, { rate: 10_000, signal: controller.signal }))
    if (++taken === 3) controller.abort()
  expect(taken).toBe(3)
})

test('given latencies, when asked for percentiles, then they are nearest ranks', () => {
  const latencies = new Latencies()
  expect(latencies.percentile(50)).toBeNull()
  for (let value = 100; value >= 1; value--) latencies.add(value)
  expect(latencies.percentile(50)).toBe(50)
  expect(latencies.percentile(99)).toBe(99)
})
