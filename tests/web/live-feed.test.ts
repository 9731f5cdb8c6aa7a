/** When a live feed comes back, and how often: on a clock and a network that the test holds in its hands. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Feed } from '../../src/web/public/live-feed.js'

class HeldSocket {
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  constructor() {
    sockets.push(this)
  }
  close(): void {}
}

let sockets: HeldSocket[]
beforeEach(() => {
  sockets = []
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.999)
  vi.stubGlobal('location', { href: 'http://localhost/results' })
  vi.stubGlobal('WebSocket', HeldSocket)
  vi.stubGlobal('fetch', () => new Promise(() => {}))
  const feed = new Feed('/api/polls/us-federal/live', { message: () => {}, state: () => {} })
  feed.start()
  return () => feed.stop()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** The open socket is closed. @returns milliseconds until the next one is opened */
function comesBackAfter(code: number): number {
  const [closedAt, before] = [Date.now(), sockets.length]
  sockets.at(-1)!.onclose!({ code })
  while (sockets.length === before) vi.advanceTimersByTime(100)
  return Date.now() - closedAt
}

test('meeting a process that ends three times in a row, it comes as soon each time, and only then more slowly', () => {
  expect([1, 2, 3].map(() => comesBackAfter(1012))).toEqual([1500, 1500, 1500])
  expect(comesBackAfter(1012)).toBe(16_000)
  sockets.at(-1)!.onmessage!({ data: '{}' })
  expect(comesBackAfter(1012)).toBe(1500)
})

test('cut off without a word, it comes more slowly each time; where there is no room, in a minute', () => {
  expect([1, 2, 3].map(() => comesBackAfter(1006))).toEqual([2000, 4000, 8000])
  expect(comesBackAfter(1013)).toBe(60_000)
})
