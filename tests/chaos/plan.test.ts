import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeHit, makePlan, type Target } from '../../chaos/plan.ts'

const targets: readonly Target[] = [
  { name: 'web-1', kinds: ['kill', 'pause', 'restart'] },
  { name: 'web-2', kinds: ['kill', 'pause', 'restart'] },
  { name: 'redis', kinds: ['kill', 'pause', 'empty'] },
  { name: 'postgres', kinds: ['kill', 'pause', 'crash'] },
]

describe('a plan', () => {
  it('follows from the seed alone', () => {
    const plan = (seed: string) => makePlan({ seed, minutes: 1, targets })
    expect(plan('a')).toEqual(plan('a'))
    expect(plan('a')).not.toEqual(plan('b'))
  })

  it('has everything happen to everybody, given time', () => {
    const hits = makePlan({ seed: 'a', minutes: 30, targets }).flatMap((fault) => fault.hits)
    const seen = new Set(hits.map(({ target, kind }) => `${kind} ${target}`))
    const all = targets.flatMap(({ name, kinds }) => kinds.map((kind) => `${kind} ${name}`))
    expect([...seen].sort()).toEqual(all.sort())
  })

  it('hits nobody who is still away, is over before the end, and leaves a moment before and after', () => {
    const anyPlan = fc.record({ seed: fc.string(), minutes: fc.constantFrom(0.5, 1, 3) })
    fc.assert(
      fc.property(anyPlan, ({ seed, minutes }) => {
        const freeAt = new Map<string, number>()
        for (const { at, hits } of makePlan({ seed, minutes, targets }))
          for (const { target, ms } of hits) {
            expect(at).toBeGreaterThanOrEqual(freeAt.get(target) ?? 3000)
            expect(at + ms).toBeLessThanOrEqual(minutes * 60_000 - 3000)
            freeAt.set(target, at + ms + 1)
          }
      }),
    )
  })

  it('tells what happens in words', () => {
    expect(describeHit({ target: 'redis', kind: 'pause', ms: 1234 })).toBe('pause redis for 1.2 s')
    expect(describeHit({ target: 'postgres', kind: 'crash', ms: 0 })).toBe('crash postgres')
  })
})
