import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LagClock } from '../../src/metrics/lag-clock.ts'

describe('lag in seconds', () => {
  it('given a follower that is level, is 0, however long nothing happens', () => {
    let now = 0
    const clock = new LagClock(() => now)
    expect(clock.look(5n, 5n)).toBe(0)
    now = 60_000
    expect(clock.look(5n, 5n)).toBe(0)
  })

  it('given one that stands still, grows from when the one in front first went on', () => {
    let now = 0
    const clock = new LagClock(() => now)
    clock.look(5n, 5n)
    now = 10_000
    expect(clock.look(6n, 5n)).toBe(0)
    now = 25_000
    expect(clock.look(9n, 5n)).toBe(15)
    // It has taken 6: what it lacks now has been there since 25 s.
    now = 40_000
    expect(clock.look(9n, 6n)).toBe(15)
  })

  it('given a log that was restored from a backup, begins anew', () => {
    let now = 0
    const clock = new LagClock(() => now)
    clock.look(100n, 1n)
    now = 5000
    expect(clock.look(10n, 1n)).toBe(0)
    now = 6000
    expect(clock.look(10n, 1n)).toBe(1)
  })

  it('given any progress, tells how long ago the first that is missing was seen', () => {
    const steps = fc.array(fc.tuple(fc.bigInt(0n, 5n), fc.bigInt(0n, 5n), fc.nat(10_000)), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (all) => {
        let [now, head, follower] = [0, 0n, 0n]
        const clock = new LagClock(() => now)
        const history: { readonly head: bigint; readonly at: number }[] = []
        for (const [appended, taken, ms] of all) {
          now += ms
          head += appended
          follower = follower + taken < head ? follower + taken : head
          if (history.at(-1)?.head !== head) history.push({ head, at: now })
          const first = history.find((each) => each.head > follower)
          expect(clock.look(head, follower)).toBe(first ? (now - first.at) / 1000 : 0)
        }
      }),
    )
  })

  it('given a follower that never comes, remembers no more than it needs', () => {
    let now = 0
    const clock = new LagClock(() => now)
    for (let head = 1n; head <= 20_000n; head++, now += 1000) clock.look(head, 0n)
    expect(clock.look(20_000n, 0n)).toBe(20_000)
  })
})
