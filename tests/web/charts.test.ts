import { describe, expect, test } from 'vitest'
import { barChart } from '../../src/web/pages/charts.ts'
import { histogramChart } from '../../src/web/pages/histogram-chart.ts'
import { formatFor } from '../../src/web/words/format.ts'
import { wordsIn } from '../../src/web/words/words.ts'

const english = { words: wordsIn('en'), format: formatFor('en') }

const row = { label: 'Healthcare', colour: '#c2415c', text: '18.5 %' }

describe('bars', () => {
  test('share one scale, which ends at the ten percent above the largest of everything drawn', () => {
    const rows = [
      { ...row, value: 1850, line: 2817, diamond: 1400 },
      { ...row, value: 600 },
    ]
    const chart = barChart(rows, english)
    expect(chart.ticks.map(({ label }) => label)).toEqual(['0\u00a0%', '10\u00a0%', '20\u00a0%', '30\u00a0%'])
    expect(chart.bars.map(({ width }) => width)).toEqual(['61.67%', '20.00%'])
    expect(chart.bars[0]).toMatchObject({ line: '93.90%', diamond: '46.67%', second: undefined })
  })

  test.each([0, 999, 1000, 4500, 6000, 7000, 10_000])(
    'a largest share of %d leaves room and few ticks',
    (value) => {
      const { bars, ticks } = barChart([{ ...row, value }], english)
      expect(Number.parseFloat(bars[0]!.width)).toBeLessThanOrEqual(100)
      expect(ticks.length).toBeLessThanOrEqual(6)
      expect(ticks.at(-1)?.x).toBe('100.00%')
    },
  )
})

describe('a histogram', () => {
  const quartiles = { p10: 0, p25: 500, median: 1000, p75: 1500, p90: 10_000 }

  test('keeps nothing apart from a little, and puts each share into its slice of five percent', () => {
    const histogram = new Map([
      [0, 4],
      [1, 1],
      [500, 2],
      [501, 8],
      [10_000, 3],
    ])
    const { bins } = histogramChart(histogram, quartiles, english)
    expect(bins).toHaveLength(21)
    expect(
      bins
        .filter(({ count }) => count > 0)
        .map(({ label, count }) => [label.replaceAll('\u00a0', ' '), count]),
    ).toEqual([
      ['0 %', 4],
      ['above 0 % to 5 %', 3],
      ['above 5 % to 10 %', 8],
      ['above 95 % to 100 %', 3],
    ])
  })

  test('lets a single submission among a million be seen', () => {
    const { bins } = histogramChart(
      new Map([
        [0, 1_000_000],
        [10_000, 1],
      ]),
      quartiles,
      english,
    )
    expect(bins.at(-1)!.height).toBeGreaterThan(1)
    expect(bins[1]!.height).toBe(0)
  })

  test('draws its quartiles in order, inside the drawing', () => {
    const { whisker, box, median } = histogramChart(new Map([[0, 1]]), quartiles, english)
    const places = [whisker[0], box.x, median, box.x + box.width, whisker[1]]
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places.at(-1)).toBe(252)
  })
})
