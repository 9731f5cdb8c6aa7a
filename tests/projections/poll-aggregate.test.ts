import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tally } from '../../src/projections/category-aggregate.ts'
import {
  assertConsistent,
  copyPoll,
  InconsistentAggregate,
  type MutablePollAggregate,
  openedPoll,
} from '../../src/projections/poll-aggregate.ts'
import { aggregateOf, pollOf, smallPoll } from '../queries/ballots.ts'

const sound = (): MutablePollAggregate =>
  aggregateOf([
    [2000, 8000],
    [5000, 5000],
    [5000, 5000],
  ])

/** What may have gone wrong in storage → how to do it, and what the complaint says. */
const corruptions: Record<string, [corrupt: (poll: MutablePollAggregate) => void, complaint: RegExp]> = {
  'a submission that was never counted': [(poll) => poll.counted++, /a counts 3 submissions/],
  'a submission missing from one histogram': [
    ({ categories }) => categories[1]!.histogram.set(5000, 1),
    /b counts 2 submissions/,
  ],
  'a value counted zero times': [
    ({ categories }) => categories[0]!.histogram.set(1, 0),
    /a counts 1 0 times/,
  ],
  'a value counted less than never': [
    ({ categories }) => categories[0]!.histogram.set(7000, -1),
    /a counts 7000 -1 times/,
  ],
  'a count that is not a number': [
    ({ categories }) => categories[0]!.histogram.set(5000, Number.NaN),
    /a counts 5000 NaN times/,
  ],
  'a stored count that is not that of the histogram': [
    ({ categories }) => categories[1]!.count--,
    /b counts/,
  ],
  'a stored sum that is not that of the histogram': [
    ({ categories }) => categories[0]!.sum++,
    /a sums to 12000, not 12001/,
  ],
  'a stored sum of squares that is not that of the histogram': [
    ({ categories }) => categories[1]!.sumSquares--,
    /b: squares sum to 114000000/,
  ],
  'a value that moved in one category alone': [
    ({ categories }) => {
      tally(categories[0]!, 2000, -1)
      tally(categories[0]!, 2001, 1)
    },
    /everything sums to 30001, not to 3 wholes/,
  ],
}

describe('assertConsistent', () => {
  it.each(Object.entries(corruptions))('catches %s', (_, [corrupt, complaint]) => {
    const poll = sound()
    corrupt(poll)
    expect(() => assertConsistent(poll)).toThrow(InconsistentAggregate)
    expect(() => assertConsistent(poll)).toThrow(complaint)
  })

  it('says which poll it is and where in the log', () => {
    const poll = sound()
    poll.counted = 0
    expect(() => assertConsistent(poll)).toThrow(/^test at 7: /)
  })

  it('accepts a poll just opened', () => {
    assertConsistent(openedPoll(pollOf(3), 1n, '2026-11-23T10:00:00.000Z'))
  })

  it('accepts any poll of whole ballots', () => {
    fc.assert(
      fc.property(smallPoll, fc.integer({ min: 1, max: 1e6 }), (ballots, times) =>
        assertConsistent(aggregateOf(ballots, { times })),
      ),
    )
  })
})

describe('a copy of a poll', () => {
  it('changes without its original', () => {
    const original = sound()
    const copy = copyPoll(original)
    copy.counted++
    tally(copy.categories[0]!, 2000, 1)
    expect(original).toEqual(sound())
  })
})
