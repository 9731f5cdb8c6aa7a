/** Who is told what and when, on a clock of our own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openedPoll } from '../../src/projections/poll-aggregate.ts'
import type { Reader } from '../../src/web/live/reader.ts'
import { Watch } from '../../src/web/live/watch.ts'

const definition = {
  ...{ poll: 'parks', title: 'Parks', step: 100, baselines: [] },
  categories: ['a', 'b'].map((id) => ({ id, label: id, description: '', colour: '#2b6cb0' })),
}
const at = (position: number) => openedPoll(definition, BigInt(position), '2026-11-23T10:00:00.000Z')

class FakeReader implements Reader {
  waiting = 0
  isDropped = false
  readonly told: [position: number, at: number][] = []

  send(message: Buffer): void {
    this.told.push([Number(JSON.parse(message.toString()).position), performance.now()])
  }

  drop(): void {
    this.isDropped = true
  }

  get positions(): number[] {
    return this.told.map(([position]) => position)
  }
}

let sent: number
beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  sent = 0
})
afterEach(() => {
  vi.useRealTimers()
})

const onSent = (messages: number) => {
  sent += messages
}
const given = () => new Watch(at(1), { tickMs: 250, stallMs: 10_000, onSent })
/** Lets time pass, and whatever is due happen. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a reader', () => {
  test('is told the present state, what is new at once after a calm tick, and of more the newest at its end', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    await pass(1000)
    watch.note(at(2))
    await pass(10)
    for (const position of [3, 4, 5]) watch.note(at(position))
    await pass(10)
    expect(reader.positions).toEqual([1, 2])
    await pass(230)
    expect(reader.told).toEqual([
      [1, 0],
      [2, 1000],
      [5, 1250],
    ])
    await pass(5000)
    expect([reader.told.length, sent]).toEqual([3, 3])
  })

  test('is told at most four a second, whatever happens', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    for (let position = 2; position < 1002; position++) {
      watch.note(at(position))
      await pass(10)
    }
    await pass(250)
    expect(reader.positions.at(-1)).toBe(1001)
    for (const [index, [, when]] of reader.told.entries())
      if (index > 1) expect(when - reader.told[index - 1]![1]).toBeGreaterThanOrEqual(249)
  })

  test('that comes just before a round is left out of it, and told soon after', async () => {
    const [watch, first, second] = [given(), new FakeReader(), new FakeReader()]
    watch.add(first)
    await pass(1000)
    watch.note(at(2))
    await pass(240)
    watch.note(at(3))
    watch.add(second)
    await pass(10)
    watch.note(at(4))
    await pass(100)
    watch.catchUp()
    expect(second.positions).toEqual([3])
    await pass(150)
    watch.catchUp()
    expect(second.positions).toEqual([3, 4])
  })

  test('is never told what is older than what it knows, nor the same twice', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    for (const position of [5, 3, 5, 4]) {
      watch.note(at(position))
      await pass(300)
      watch.catchUp()
    }
    expect(reader.positions).toEqual([1, 5])
  })

  test('is told that more is parked, though the position stands', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    await pass(300)
    watch.note({ ...at(1), parked: 1 })
    await pass(300)
    expect(reader.told).toHaveLength(2)
  })

  test('that has left is told nothing more, and the last one leaves no timer behind', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    await pass(1000)
    watch.note(at(2))
    await pass(0)
    watch.note(at(3))
    watch.remove(reader)
    expect(vi.getTimerCount()).toBe(0)
    await pass(1000)
    expect(reader.positions).toEqual([1, 2])
  })

  test('is reminded of the same only after a silence, and only if it reads', async () => {
    const [watch, reader] = [given(), new FakeReader()]
    watch.add(reader)
    await pass(10_000)
    watch.remind(reader, 18_000)
    expect(reader.told).toHaveLength(1)
    await pass(10_000)
    reader.waiting = 1
    watch.remind(reader, 18_000)
    expect(reader.told).toHaveLength(1)
    reader.waiting = 0
    watch.remind(reader, 18_000)
    expect(reader.positions).toEqual([1, 1])
  })
})

describe('a reader that does not read', () => {
  test('is sent nothing on top of what waits, and the newest when there is room again', async () => {
    const [watch, slow, other] = [given(), new FakeReader(), new FakeReader()]
    watch.add(slow)
    watch.add(other)
    await pass(1000)
    slow.waiting = 2000
    for (const position of [2, 3, 4]) {
      watch.note(at(position))
      await pass(1000)
      watch.catchUp()
    }
    expect([slow.positions, other.positions]).toEqual([[1], [1, 2, 3, 4]])
    slow.waiting = 0
    watch.catchUp()
    expect([slow.positions, slow.isDropped]).toEqual([[1, 4], false])
  })

  test('is dropped when that lasts, though nothing else comes', async () => {
    const [watch, slow] = [given(), new FakeReader()]
    watch.add(slow)
    await pass(1000)
    slow.waiting = 2000
    watch.note(at(2))
    await pass(9900)
    watch.catchUp()
    expect(slow.isDropped).toBe(false)
    await pass(100)
    watch.catchUp()
    expect(slow.isDropped).toBe(true)
    expect(slow.positions).toEqual([1])
  })
})

test('thousands are told in slices: everybody else has a turn in between, and misses nothing that comes meanwhile', async () => {
  const watch = given()
  const readers = Array.from({ length: 1000 }, () => new FakeReader())
  for (const reader of readers) watch.add(reader)
  await pass(1000)
  const turns: number[] = []
  const count = () => {
    turns.push(readers.filter((reader) => reader.positions.at(-1) !== 1).length)
    if (turns.length === 3) watch.note(at(3))
    if (turns.at(-1)! < 1000) setImmediate(count)
  }
  watch.note(at(2))
  const told = pass(0)
  setImmediate(count)
  await told
  await vi.waitFor(() => expect(turns.at(-1)).toBe(1000))
  expect(turns.length).toBeGreaterThan(5)
  await pass(250)
  await vi.waitFor(() => expect(readers.every((reader) => reader.positions.at(-1) === 3)).toBe(true))
})
