import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkAllocation, percent } from '../../src/commands/allocation.ts'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import { ballotOf } from '../queries/ballots.ts'
import { cityParks } from './city-parks.ts'

const check = (input: unknown, definition: PollDefinition = cityParks) => checkAllocation(definition, input)
const codes = (input: unknown) => {
  const checked = check(input)
  return 'errors' in checked
    ? checked.errors.map(({ field, code }) => (field ? `${field}: ${code}` : code))
    : []
}

describe('an allocation that is not one', () => {
  test.each([undefined, null, 10_000, 'trees=10000', true, [], [10_000], [['trees', 10_000]]])(
    'given %j, then its type is wrong',
    (input) => expect(codes(input)).toEqual(['wrong-type']),
  )
})

describe('one wrong share', () => {
  test.each([
    ['a string', '5000', 'wrong-type'],
    ['nothing', null, 'wrong-type'],
    ['something undefined', undefined, 'wrong-type'],
    ['a list', [5000], 'wrong-type'],
    ['true', true, 'wrong-type'],
    ['a big integer', 5000n, 'wrong-type'],
    ['not a number', Number.NaN, 'wrong-type'],
    ['infinity', Number.POSITIVE_INFINITY, 'wrong-type'],
    ['a fraction', 4999.5, 'fractional'],
    ['a tiny fraction', 5000.000000001, 'fractional'],
    ['less than nothing', -100, 'negative'],
    ['more than all', 10_100, 'too-large'],
    ['far more than all', 1e300, 'too-large'],
    ['off the step', 4950, 'off-step'],
  ])('given %s, then it is %s: %s', (_what, value, code) => {
    expect(codes({ trees: value, paths: 5000 })).toEqual([`trees: ${code}`])
  })

  test('is told in the words of the poll', () => {
    const checked = check({ trees: 4950, paths: -100, ponds: 99_900 })
    expect(checked).toEqual({
      errors: [
        { field: 'trees', code: 'off-step', message: 'Trees must be in steps of 1 % (100 basis points).' },
        { field: 'paths', code: 'negative', message: 'Paths cannot be less than 0.' },
        { field: 'ponds', code: 'too-large', message: 'Ponds cannot be more than 100 % (10000).' },
      ],
    })
  })
})

describe('what belongs to no category', () => {
  test.each(['lakes', 'Trees', 'trees ', '', '__proto__', 'constructor', 'toString', '0'])(
    'given %j, then it is unknown',
    (id) => {
      const input = JSON.parse(`{"trees":10000,${JSON.stringify(id)}:0}`)
      expect(codes(input)).toEqual(
        id === '' ? [expect.stringContaining('unknown-category')] : [`${id}: unknown-category`],
      )
    },
  )

  test('is named, but not at any length', () => {
    const checked = check({ trees: 10_000, ['x'.repeat(5000)]: 0 })
    expect(checked).toMatchObject({ errors: [{ field: 'x'.repeat(64) }] })
  })
})

describe('the sum', () => {
  test.each([
    [{ trees: 9900 }, '99 %: 1 % is still to be given out'],
    [{ trees: 9900, paths: 200 }, '101 %: that is 1 % too much'],
    [{}, '0 %: 100 % is still to be given out'],
    [{ trees: 10_000, paths: 10_000, ponds: 10_000 }, '300 %: that is 200 % too much'],
  ])('given %j, then it says what is missing or too much', (input, words) => {
    expect(check(input)).toEqual({
      errors: [{ code: 'wrong-sum', message: `The shares must sum to 100 %, but they sum to ${words}.` }],
    })
  })

  test('is not told of while there are other mistakes', () => {
    expect(codes({ trees: '9900' })).toEqual(['trees: wrong-type'])
  })
})

test('given mistakes of every kind, then all are told at once, each for its own category', () => {
  const categories = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ ...cityParks.categories[0]!, id }))
  const checked = check(
    { f: 10_000, a: 'x', b: 0.5, c: -100, d: 20_000, e: 50, g: 1, h: 2 },
    { ...cityParks, categories },
  )
  expect('errors' in checked && checked.errors.map(({ field, code }) => [field, code])).toEqual([
    ['a', 'wrong-type'],
    ['b', 'fractional'],
    ['c', 'negative'],
    ['d', 'too-large'],
    ['e', 'off-step'],
    ['g', 'unknown-category'],
    ['h', 'unknown-category'],
  ])
})

describe('any input', () => {
  const ids = cityParks.categories.map(({ id }) => id)
  const value = fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 20 }).map((n) => n * 500), weight: 6 },
    { arbitrary: fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 50, 10_000)), weight: 1 },
    { arbitrary: fc.anything(), weight: 1 },
  )
  const input = fc.oneof(
    fc.dictionary(fc.constantFrom(...ids, ...ids, 'lakes'), value),
    ballotOf(3).map((values) => Object.fromEntries(ids.map((id, i) => [id, values[i]!]))),
    fc.anything(),
  )

  test('is either told its mistakes or complete, whole, on the step and sums to 10 000', () => {
    fc.assert(
      fc.property(input, fc.constantFrom(1, 100, 500, 2500), (given, step) => {
        const checked = check(given, { ...cityParks, step })
        if ('errors' in checked) {
          expect(checked.errors.length).toBeGreaterThan(0)
          return
        }
        const { allocation } = checked
        const sent = given as Record<string, number>
        expect(Object.keys(allocation)).toEqual(ids)
        const shares = Object.values(allocation)
        for (const share of shares) {
          expect(Number.isInteger(share) && share >= 0 && share % step === 0).toBe(true)
          expect(Object.is(share, -0)).toBe(false)
        }
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(10_000)
        for (const id of ids) expect(allocation[id]).toBe(sent[id] || 0)
      }),
      { numRuns: 1000 },
    )
  })

  test('given right shares in any order, zeros left out or not, then the same allocation comes of them', () => {
    const shares = ballotOf(3).map((values) => ids.map((id, i) => [id, values[i]!] as const))
    const orders = shares.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray([...entries], { minLength: 3 }), fc.boolean()),
    )
    fc.assert(
      fc.property(orders, ([entries, shuffled, withZeros]) => {
        const sent = shuffled.filter(([, share]) => withZeros || share > 0)
        const checked = check(Object.fromEntries(sent), { ...cityParks, step: 1 })
        expect(JSON.stringify(checked)).toBe(JSON.stringify({ allocation: Object.fromEntries(entries) }))
      }),
    )
  })
})

test.each([
  [2550, '25.5 %'],
  [1, '0.01 %'],
  [10_000, '100 %'],
])('%i basis points read %s', (basisPoints, words) => expect(percent(basisPoints)).toBe(words))
