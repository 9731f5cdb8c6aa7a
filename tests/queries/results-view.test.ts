import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openedPoll } from '../../src/projections/poll-aggregate.ts'
import { tiers } from '../../src/queries/results.ts'
import { ResultsView, resultsBody, resultsView } from '../../src/queries/results-view.ts'
import { aggregateOf, pollOf, smallPoll } from './ballots.ts'

describe('results view', () => {
  it('presents everything that is known of a poll', () => {
    const aggregate = {
      ...aggregateOf([
        [7000, 3000],
        [0, 10_000],
      ]),
      position: 9_007_199_254_740_993n,
      parked: 1,
      excluded: 2,
      withdrawn: 3,
    }
    expect(resultsView({ tier: 'projection', aggregate })).toEqual({
      poll: 'test',
      tier: 'projection',
      position: '9007199254740993',
      asOf: '2026-11-23T10:00:00.000Z',
      parked: 1,
      submissions: { counted: 2, excluded: 2, withdrawn: 3 },
      total: 10_000,
      truthful: { method: 'independent-markets', t: '5000' },
      disagreement: { method: 'mean-pairwise-distance', share: 0.7 },
      categories: [
        {
          id: 'a',
          label: 'A',
          sum: 7000,
          mean: 3500,
          median: 3500,
          p10: 0,
          p25: 0,
          p75: 7000,
          p90: 7000,
          stddev: Math.sqrt(24_500_000),
          zeros: 1,
          truthful: 5000,
          disagreement: 7000,
          histogram: [
            [0, 1],
            [7000, 1],
          ],
        },
        {
          id: 'b',
          label: 'B',
          sum: 13_000,
          mean: 6500,
          median: 6500,
          p10: 3000,
          p25: 3000,
          p75: 10_000,
          p90: 10_000,
          stddev: Math.sqrt(24_500_000),
          zeros: 0,
          truthful: 5000,
          disagreement: 7000,
          histogram: [
            [3000, 1],
            [10_000, 1],
          ],
        },
      ],
    })
  })

  it('says nothing of shares while nobody is counted', () => {
    const aggregate = openedPoll(pollOf(2), 1n, '2026-11-23T10:00:00.000Z')
    const view = resultsView({ tier: 'snapshot', aggregate })
    expect(view.truthful).toEqual({ method: 'independent-markets', t: null })
    expect(view.categories[0]).toMatchObject({
      sum: 0,
      mean: null,
      stddev: null,
      truthful: null,
      histogram: [],
    })
    expect(ResultsView.parse(view)).toEqual(view)
  })

  it('satisfies its schema, counts everyone in each histogram, and differs between tiers in the tier alone', () => {
    fc.assert(
      fc.property(smallPoll, (ballots) => {
        const [snapshot, ...others] = tiers.map((tier) =>
          resultsView({ tier, aggregate: aggregateOf(ballots) }),
        )
        expect(ResultsView.parse(snapshot)).toEqual(snapshot)
        for (const other of others) expect({ ...other, tier: 'snapshot' }).toEqual(snapshot)
        for (const { histogram } of snapshot!.categories) {
          expect(histogram.reduce((sum, [, submissions]) => sum + submissions, 0)).toBe(ballots.length)
          expect(histogram).toEqual(histogram.toSorted(([a], [b]) => a - b))
        }
      }),
    )
  })
})

describe('results body', () => {
  const aggregate = aggregateOf([[4000, 6000]])

  it('is the view as JSON', () => {
    const answer = { tier: 'snapshot', aggregate } as const
    expect(JSON.parse(resultsBody(answer).toString('utf8'))).toEqual(resultsView(answer))
  })

  it('is serialised once for an aggregate and tier', () => {
    const [snapshot, replay] = [
      resultsBody({ tier: 'snapshot', aggregate }),
      resultsBody({ tier: 'replay', aggregate }),
    ]
    expect(resultsBody({ tier: 'snapshot', aggregate })).toBe(snapshot)
    expect(resultsBody({ tier: 'replay', aggregate })).toBe(replay)
    expect(JSON.parse(replay.toString())).toMatchObject({ tier: 'replay' })
  })
})
