import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { moved, splitRest, WHOLE } from '../../src/web/public/split.js'
import { ballotOf } from '../queries/ballots.ts'

const row = (percent: number, locked = false) => ({ share: percent * 100, locked })

describe('what is left', () => {
  test.each([
    ['equally', [row(40), row(20), row(0)], 'equal', [5400, 3300, 1300]],
    ['in proportion', [row(40), row(20), row(0)], 'proportion', [6700, 3300, 0]],
    ['all to the last', [row(40), row(20), row(0)], 2, [4000, 2000, 4000]],
    ['equally past a lock', [row(40, true), row(20), row(0)], 'equal', [4000, 4000, 2000]],
    ['in proportion past a lock', [row(40, true), row(20), row(10)], 'proportion', [4000, 4000, 2000]],
  ] as const)('is given out %s', (_how, rows, way, shares) => {
    expect(splitRest(rows, 100, way)).toEqual({ shares })
  })

  test.each([
    ['nothing is left', [row(60), row(40)], 'equal', 'nothing-left'],
    ['too much is given out', [row(60), row(50)], 'equal', 'nothing-left'],
    ['all is locked', [row(60, true), row(0, true)], 'equal', 'all-locked'],
    ['there is no proportion', [row(60, true), row(0)], 'proportion', 'nothing-there'],
    ['that one is locked', [row(60, true), row(0)], 0, 'locked'],
    ['there is no such one', [row(60), row(0)], -1, 'locked'],
  ] as const)('stays where it is when %s', (_why, rows, way, refused) => {
    expect(splitRest(rows, 100, way)).toEqual({ refused })
  })

  const anyRows = fc
    .record({ count: fc.integer({ min: 2, max: 30 }), step: fc.constantFrom(1, 50, 100, 500) })
    .chain(({ count, step }) =>
      fc.record({
        step: fc.constant(step),
        rows: fc
          .tuple(ballotOf(count + 1), fc.array(fc.boolean(), { minLength: count, maxLength: count }))
          .map(([values, locks]) =>
            locks.map((locked, place) => ({ share: values[place]! - (values[place]! % step), locked })),
          ),
        way: fc.oneof(fc.constantFrom('equal' as const, 'proportion' as const), fc.nat(count - 1)),
      }),
    )

  test('given anything, is given out to the last step, locked rows stay, and nothing becomes less', () => {
    let given = 0
    fc.assert(
      fc.property(anyRows, ({ rows, step, way }) => {
        const outcome = splitRest(rows, step, way)
        if ('refused' in outcome) return
        given++
        const { shares } = outcome
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(WHOLE)
        for (const [place, { share, locked }] of rows.entries()) {
          expect(shares[place]! % step).toBe(0)
          if (locked) expect(shares[place]).toBe(share)
          expect(shares[place]).toBeGreaterThanOrEqual(share)
        }
        const free = rows.flatMap(({ locked, share }, place) =>
          locked ? [] : [{ share, gain: shares[place]! - share }],
        )
        if (way === 'equal') {
          const gains = free.map(({ gain }) => gain)
          expect(Math.max(...gains) - Math.min(...gains)).toBeLessThanOrEqual(step)
        }
        if (way === 'proportion') {
          const rest = free.reduce((sum, { gain }) => sum + gain, 0)
          const sum = free.reduce((all, { share }) => all + share, 0)
          for (const { share, gain } of free) expect(Math.abs(gain - (share * rest) / sum)).toBeLessThan(step)
        }
      }),
    )
    expect(given).toBeGreaterThan(20)
  })
})

test.each([
  [0, 1, 500, 100, 500],
  [undefined, 1, 500, 100, 500],
  [9800, 1, 500, 100, 10_000],
  [300, -1, 500, 100, 0],
  [300, -1, 100, 100, 200],
  [0, 1, 100, 400, 400],
  [2000, 1, 500, 400, 2800],
  [0, 1, 500, 1, 500],
])('%j moved by %d × at least %d in steps of %d is %d', (share, direction, least, step, expected) => {
  expect(moved(share, direction, least, step)).toBe(expected)
})
