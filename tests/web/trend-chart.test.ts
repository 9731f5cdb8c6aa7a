import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaleFromZero, sharedScales, trendChart } from '../../src/web/pages/trend-chart.ts'

const scale = { low: 0, high: 1000 }
const evenly = (values: readonly (number | null)[]) =>
  values.map((value, index) => ({ value, at: values.length === 1 ? 0.5 : index / (values.length - 1) }))

describe('a line', () => {
  test('goes from the left to the right, the larger the higher', () => {
    expect(trendChart(evenly([0, 500, 1000]), scale, false)).toEqual({
      line: 'M44 104L170 57L296 10',
      unfinished: '',
      ticks: [
        { y: 104, value: 0 },
        { y: 57, value: 500 },
        { y: 10, value: 1000 },
      ],
    })
  })

  test('is broken where nothing is known; what stands alone is a dot', () => {
    const { line } = trendChart(evenly([null, 0, null, 1000, 1000]), scale, false)
    expect(line).toBe('M107 104h.01M233 10L296 10')
  })

  test('is dashed to a value that may change', () => {
    expect(trendChart(evenly([0, 0, 1000]), scale, true)).toMatchObject({
      line: 'M44 104L170 104',
      unfinished: 'M170 104L296 10',
    })
    expect(trendChart(evenly([0, null]), scale, true)).toMatchObject({ line: 'M44 104h.01', unfinished: '' })
    expect(trendChart(evenly([null, 0]), scale, true)).toMatchObject({ line: '', unfinished: 'M296 104h.01' })
  })

  test('of thousands of points keeps its extremes and its ends, and no more points than can be seen', () => {
    const values = Array.from({ length: 5000 }, (_, index) => 500 + (index % 2))
    values[1234] = 1000
    values[4321] = 0
    const { line } = trendChart(evenly(values), scale, false)
    const places = line
      .slice(1)
      .split('L')
      .map((place) => place.split(' ').map(Number))
    expect(places.length).toBeLessThanOrEqual(4 * 253)
    const heights = places.map(([, y]) => y!)
    expect([Math.min(...heights), Math.max(...heights)]).toEqual([10, 104])
    expect([places[0]![0], places.at(-1)![0]]).toEqual([44, 296])
    for (const [index, [x]] of places.slice(1).entries())
      expect(x!).toBeGreaterThanOrEqual(places[index]![0]!)
  })
})

describe('scales', () => {
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 10_000 })), { maxLength: 5 })

  test('of all categories span the same, hold all values, and stay between nothing and the whole', () =>
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (series) => {
        const scales = sharedScales(series)
        expect(new Set(scales.map(({ low, high }) => high - low)).size).toBe(1)
        for (const [index, { low, high }] of scales.entries()) {
          expect(low >= 0 && high <= 10_000).toBe(true)
          for (const value of series[index]!)
            if (value !== null) expect(low <= value && value <= high, `${low} ${value} ${high}`).toBe(true)
        }
      }),
    ))

  test('are as narrow as the widest movement allows', () => {
    expect(
      sharedScales([
        [1000, 1080],
        [5000, 5010],
      ]),
    ).toEqual([
      { low: 1000, high: 1100 },
      { low: 4950, high: 5050 },
    ])
  })

  test.each([
    [[], 2],
    [[0], 2],
    [[3], 4],
    [[1, 61, null], 80],
    [[6000], 6000],
    [[6001], 8000],
  ])('of counts start at nothing: %j ends at %d', (counts, high) => {
    expect(scaleFromZero(counts)).toEqual({ low: 0, high })
  })
})
