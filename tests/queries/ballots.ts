import fc from 'fast-check'
import type { PollDefinition } from '../../src/events/poll-events.ts'
import { tally } from '../../src/projections/category-aggregate.ts'
import { type MutablePollAggregate, openedPoll } from '../../src/projections/poll-aggregate.ts'

/** One submission's basis points, in the order of the poll's categories. */
export type Ballot = readonly number[]

/** A poll of as many categories as a ballot has values: `a`, `b`, `c` … */
export const pollOf = (categories: number, baselines: PollDefinition['baselines'] = []): PollDefinition => ({
  poll: 'test',
  title: 'Test',
  step: 1,
  categories: Array.from({ length: categories }, (_, i) => {
    const letter = String.fromCharCode(97 + i)
    return { id: letter, label: letter.toUpperCase(), description: '', colour: '#000000' }
  }),
  baselines,
})

/** The aggregate of `ballots`, each counted `times` over. */
export function aggregateOf(
  ballots: readonly Ballot[],
  { times = 1, definition = pollOf(ballots[0]!.length) } = {},
): MutablePollAggregate {
  const poll = openedPoll(definition, 7n, '2026-11-23T10:00:00.000Z')
  for (const ballot of ballots) {
    poll.counted += times
    for (const [i, value] of ballot.entries()) tally(poll.categories[i]!, value, times)
  }
  return poll
}

/** A ballot that sums to 10 000: whatever lies between random cuts. Coarse grains bring ties and single-minded voters. */
export const ballotOf = (categories: number): fc.Arbitrary<Ballot> =>
  fc.constantFrom(1, 100, 2500, 10_000).chain((grain) =>
    fc
      .array(fc.nat(10_000 / grain), { minLength: categories - 1, maxLength: categories - 1 })
      .map((cuts) => [0, ...cuts.map((cut) => cut * grain).sort((a, b) => a - b), 10_000])
      .map((ends) => ends.slice(1).map((end, i) => end - ends[i]!)),
  )

/** One to nine ballots over two to five categories. */
export const smallPoll: fc.Arbitrary<Ballot[]> = fc
  .integer({ min: 2, max: 5 })
  .chain((categories) => fc.array(ballotOf(categories), { minLength: 1, maxLength: 9 }))
