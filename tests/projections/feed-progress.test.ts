import { beforeEach, describe, expect, it } from 'vitest'
import type { Batch, Source } from '../../src/projections/feed.ts'
import { FeedProgress } from '../../src/projections/feed-progress.ts'

let now = 0
let progress: FeedProgress
beforeEach(() => {
  now = 0
  progress = new FeedProgress(1000, () => now)
})

const from = (source: Source, last: bigint): Batch => ({
  source,
  previous: last - 1n,
  last,
  events: () => [],
  acknowledge: () => {},
})

describe('given nothing comes', () => {
  it('the log is asked after an interval, and again after each', () => {
    expect(progress.isDue()).toBe(false)
    now = 1000
    expect(progress.isDue()).toBe(true)
    expect(progress.isBehind(5n, 5n)).toBe(false)
    expect(progress.isDue()).toBe(false)
    now = 2000
    expect(progress.isDue()).toBe(true)
  })

  it('what the log has may still be on its way, but not for long', () => {
    now = 1000
    expect(progress.isBehind(5n, 7n)).toBe(false)
    expect(progress.patienceMs).toBe(100)
    now = 1100
    expect(progress.isDue()).toBe(true)
    expect(progress.isBehind(5n, 7n)).toBe(true)
    expect(progress.patienceMs).toBe(1000)
  })

  it('what comes in time was not missing', () => {
    now = 1000
    progress.isBehind(5n, 7n)
    progress.note(7n, [from('bus', 7n)])
    expect(progress.patienceMs).toBe(1000)
    now = 2000
    expect(progress.isBehind(7n, 8n)).toBe(false)
  })
})

describe('given something comes, but too little', () => {
  it('what was there an interval ago is missing', () => {
    now = 1000
    progress.isBehind(5n, 100n)
    progress.note(6n, [from('bus', 6n)])
    expect(progress.patienceMs).toBe(1000)
    now = 2000
    progress.note(50n, [from('bus', 50n)])
    expect(progress.isBehind(50n, 200n)).toBe(true)
  })
})

describe('the bus keeps up', () => {
  it('when it brings what is new', () => {
    progress.note(5n, [])
    expect(progress.keepsUp([from('bus', 6n)])).toBe(true)
    expect(progress.keepsUp([from('log', 6n)])).toBe(false)
    expect(progress.keepsUp([])).toBe(false)
  })

  it('not when it brings what was new half an interval ago', () => {
    for (const at of [0, 250, 500, 750, 1000]) {
      now = at
      progress.note(BigInt(at), [])
    }
    expect(progress.keepsUp([from('bus', 600n)])).toBe(false)
    expect(progress.keepsUp([from('bus', 800n), from('log', 1000n)])).toBe(true)
  })
})
