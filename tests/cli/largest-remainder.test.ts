import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { largestRemainder } from '../../src/cli/import/largest-remainder.ts'

describe('largest remainder', () => {
  test.each([
    [
      [1, 1, 1],
      [3334, 3333, 3333],
    ],
    [
      [0, 1, 2],
      [0, 3333, 6667],
    ],
    [
      [2, 1, 0],
      [6667, 3333, 0],
    ],
    [
      [1, 4, 1],
      [1667, 6667, 1666],
    ],
    [[7], [10000]],
    [
      [999_999_999_999_999, 1],
      [10000, 0],
    ],
  ])('given weights %j, when 10000 is divided, then they get %j', (weights, shares) => {
    expect(largestRemainder(weights, 10_000)).toEqual(shares)
  })

  test('given nothing but zeros, when divided, then it is refused', () => {
    expect(() => largestRemainder([0, 0], 10_000)).toThrow(RangeError)
  })

  const weights = fc
    .array(fc.oneof(fc.nat({ max: 5 }), fc.maxSafeNat()), { minLength: 1, maxLength: 12 })
    .filter((all) => all.some((weight) => weight > 0))

  test('given any weights, when divided, then all is given out and nobody is a whole unit off', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 10_000 }), (all, whole) => {
        const shares = largestRemainder(all, whole)
        const total = all.reduce((sum, weight) => sum + BigInt(weight), 0n)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(whole)
        for (const [index, share] of shares.entries()) {
          const quota = BigInt(all[index]!) * BigInt(whole)
          expect(BigInt(share) * total >= quota - (quota % total)).toBe(true)
          expect(BigInt(share) * total < quota + total).toBe(true)
        }
      }),
    )
  })

  test('given equal weights, when something is left over, then the earlier ones get it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 50 }), (weight, count) => {
        const shares = largestRemainder(new Array(count).fill(weight), 10_000)
        expect(shares).toEqual([...shares].sort((a, b) => b - a))
        expect(shares[0]! - shares.at(-1)!).toBeLessThanOrEqual(1)
      }),
    )
  })
})
