import fc from 'fast-check'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import {
  BOUNDS,
  Durations,
  noCounts,
  plus,
  quantileOf,
  tellDurations,
  totalOf,
} from '../../src/metrics/durations.ts'

const seconds = fc.oneof(fc.double({ min: 0, max: 60, noNaN: true }), fc.constantFrom(...BOUNDS))

const given = (values: readonly number[]): Durations => {
  const durations = new Durations()
  for (const value of values) durations.add(value)
  return durations
}

describe('durations', () => {
  it('given any, each is in the first bucket whose bound it does not exceed', () => {
    fc.assert(
      fc.property(fc.array(seconds), (values) => {
        const { counts, sum } = given(values)
        const expected = noCounts()
        for (const value of values) {
          const bucket = BOUNDS.findIndex((bound) => value <= bound)
          expected[bucket < 0 ? BOUNDS.length : bucket]!++
        }
        expect(counts).toEqual(expected)
        expect(sum).toBeCloseTo(
          values.reduce((total, value) => total + value, 0),
          6,
        )
      }),
    )
  })

  it('given any, a quantile lies in the bucket of the one that has so many before it', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = [...values].sort((a, b) => a - b)
          const real = sorted[Math.ceil(q * sorted.length - 1e-9) - 1]!
          const told = quantileOf(given(values).counts, q)!
          const bucket = BOUNDS.findIndex((bound) => real <= bound)
          const [from, to] =
            bucket < 0 ? [BOUNDS.at(-1)!, BOUNDS.at(-1)!] : [BOUNDS[bucket - 1] ?? 0, BOUNDS[bucket]!]
          expect(told).toBeGreaterThanOrEqual(from)
          expect(told).toBeLessThanOrEqual(to)
        },
      ),
    )
  })

  it('given none, there is no quantile', () => {
    expect(quantileOf(noCounts(), 0.95)).toBeUndefined()
  })

  it('given two of one, what lies between them is their difference', () => {
    fc.assert(
      fc.property(fc.array(seconds), fc.array(seconds), (before, since) => {
        const now = given([...before, ...since])
        const between = plus(now.counts, given(before).counts, -1)
        expect(between).toEqual(given(since).counts)
        expect(totalOf(between)).toBe(since.length)
      }),
    )
  })

  it('are told as Prometheus writes a histogram', async () => {
    const registry = new Registry()
    const durations = given([0.0005, 0.15, 99])
    tellDurations(registry, 'waited_seconds', 'How long', () => [{ labels: { route: '/a"b' }, durations }])
    const lines = (await registry.metrics()).split('\n')
    expect(lines.slice(0, 3)).toEqual([
      '# HELP waited_seconds How long',
      '# TYPE waited_seconds histogram',
      'waited_seconds_bucket{le="0.001",route="/a\\"b"} 1',
    ])
    expect(lines).toEqual(
      expect.arrayContaining([
        'waited_seconds_bucket{le="0.1",route="/a\\"b"} 1',
        'waited_seconds_bucket{le="0.2",route="/a\\"b"} 2',
        'waited_seconds_bucket{le="+Inf",route="/a\\"b"} 3',
        'waited_seconds_sum{route="/a\\"b"} 99.1505',
        'waited_seconds_count{route="/a\\"b"} 3',
      ]),
    )
  })
})
