import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundToWhole } from '../../src/queries/round-to-whole.ts'

describe('rounding shares to a whole', () => {
  it('gives what is missing to the largest remainders', () => {
    expect(roundToWhole([4150, 3370, 2480], 100)).toEqual([41, 34, 25])
  })

  it('prefers the earlier of equal remainders', () => {
    expect(roundToWhole([1, 1, 1], 100)).toEqual([34, 33, 33])
    expect(roundToWhole([10, 1, 1], 100)).toEqual([84, 8, 8])
    expect(roundToWhole([1, 4, 1], 10, { decimals: 1 })).toEqual([1.7, 6.7, 1.6])
  })

  it('keeps as many decimals as are asked for', () => {
    expect(roundToWhole([1, 1, 1], 100, { decimals: 1 })).toEqual([33.4, 33.3, 33.3])
  })

  it('leaves nothing as nothing', () => {
    expect(roundToWhole([0, 0], 100)).toEqual([0, 0])
    expect(roundToWhole([], 100)).toEqual([])
  })

  const sums = fc.array(fc.nat(10_000 * 100_000_000), { minLength: 1, maxLength: 100 })
  const decimals = fc.nat(2)

  it('sums to the whole and moves no share by a unit or more, for any sums', () => {
    fc.assert(
      fc.property(sums, decimals, (shares, decimals) => {
        const sum = shares.reduce((partial, share) => partial + share, 0)
        fc.pre(sum > 0)
        const units = roundToWhole(shares, 100, { decimals }).map((share) =>
          Math.round(share * 10 ** decimals),
        )
        expect(units.reduce((partial, unit) => partial + unit, 0)).toBe(100 * 10 ** decimals)
        for (const [i, unit] of units.entries())
          expect(Math.abs(unit - (shares[i]! / sum) * 100 * 10 ** decimals)).toBeLessThan(1.000001)
      }),
    )
  })

  it('puts nobody who has more below one who has less', () => {
    fc.assert(
      fc.property(sums, (shares) => {
        const rounded = roundToWhole(shares, 100)
        for (const [i, a] of shares.entries())
          for (const [j, b] of shares.entries())
            if (a > b) expect(rounded[i]).toBeGreaterThanOrEqual(rounded[j]!)
      }),
    )
  })
})
